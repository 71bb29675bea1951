import type { NodeLook } from '#shared/api/runtimeAsks.ts'
import type { NodeProcess } from '#shared/api/shellCalls.ts'
import { fillIn } from '#shared/errors/appError.ts'
import type { UpdateState } from '#shared/updates/updateState.ts'
import type { Speech } from '../words/speech.ts'

/** Which of the icons is shown. */
export type TrayIcon = 'working' | 'ready' | 'held' | 'problem'
export interface TrayState {
  icon: TrayIcon
  /** What is the case and why, one line. */
  line: string
  earned: string | null
  canPause: boolean
  canResume: boolean
  /** The worker does not stay up: the person may try it again. */
  canStart: boolean
}

/** @param look null: the node has not answered yet, or is down */
export function trayStateOf(look: NodeLook | null, node: NodeProcess, update: UpdateState, speech: Speech): TrayState {
  const { status: words, reasons, earnedToday } = speech.words
  const without = (icon: TrayIcon, line: string, canStart = false): TrayState => ({
    ...{ icon, line, canStart, earned: null, canPause: false, canResume: false },
  })
  if (node === 'gaveUp') return without('problem', words.nodeGaveUp, true)
  if (node === 'down') return without('problem', words.nodeDown)
  // The node writes its first document a moment after it answers.
  if (node === 'starting' || look === null || look.code === 'NEVER_STARTED') return without('held', words.starting)

  const earned = fillIn(earnedToday, { amount: speech.money(look.earnedTodayMicro) })
  const isPaused = look.code === 'PAUSED_HERE'
  const state = (icon: TrayIcon, line: string): TrayState => ({
    icon,
    line,
    earned,
    canPause: !isPaused,
    canResume: isPaused,
    canStart: false,
  })
  const why = (line: string): string => {
    const reason = Object.hasOwn(reasons, look.code) ? reasons[look.code as keyof typeof reasons] : null
    const full = reason === null ? line : fillIn(words.why, { state: line, reason })
    return look.untilMs === null ? full : fillIn(words.until, { state: full, time: speech.time(look.untilMs) })
  }
  if (update.name === 'draining' || update.name === 'restarting')
    return state('working', fillIn(words.waitingForUpdate, { version: update.release.version }))
  switch (look.status) {
    case 'processing':
      return state('working', look.lineCut ? words.processingOffline : words.processing)
    case 'online':
      if (look.line === 'refused') return state('problem', words.refused)
      if (look.line === 'updateNeeded') return state('problem', words.updateNeeded)
      return state('ready', look.lineCut ? words.onlineOffline : words.online)
    case 'offline':
      return state('held', why(words.offline))
    case 'blocked':
      return state('problem', why(words.blocked))
    case 'unsupported':
      return state('problem', why(words.unsupported))
    case 'terminated':
      return state('problem', why(words.terminated))
  }
}
