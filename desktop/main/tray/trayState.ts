import type { NodeLook } from '#shared/api/runtimeAsks.ts'
import { formatMicro } from './formatMicro.ts'
import type { UpdateState } from '#shared/updates/updateState.ts'
import { shellWords } from '../words.ts'

/** Which of the icons is shown. */
export type TrayIcon = 'working' | 'ready' | 'held' | 'problem'
export interface TrayState {
  icon: TrayIcon
  /** What is the case and why, one line. */
  line: string
  earned: string | null
  canPause: boolean
  canResume: boolean
}

/** @param look null: the node has not answered yet, or is down */
export function trayStateOf(look: NodeLook | null, isNodeDown: boolean, update: UpdateState): TrayState {
  const { status: words, holds } = shellWords
  if (isNodeDown) return { icon: 'problem', line: words.runtimeDown, earned: null, canPause: false, canResume: false }
  // The node writes its first document a moment after it answers.
  if (look === null || look.code === 'NEVER_STARTED')
    return { icon: 'held', line: words.starting, earned: null, canPause: false, canResume: false }
  const earned = shellWords.earnedToday(formatMicro(look.earnedTodayMicro))
  const isPaused = look.code === 'PAUSED_HERE'
  const state = (icon: TrayIcon, line: string): TrayState => ({ icon, line, earned, canPause: !isPaused, canResume: isPaused })
  if (update.name === 'draining' || update.name === 'restarting') return state('working', words.waitingForUpdate)
  const why = (line: string) => (holds[look.code] === undefined ? line : `${line}: ${holds[look.code]}`)
  switch (look.status) {
    case 'processing':
      return state('working', look.lineCut ? words.processingOffline : words.processing)
    case 'online':
      return state('ready', look.lineCut ? words.onlineOffline : words.online)
    case 'offline':
      return state('held', why(words.offline))
    case 'blocked':
      return state('problem', why(words.blocked))
    case 'unsupported':
      return state('problem', why(words.unsupported))
    case 'terminated':
      return state('problem', words.terminated)
  }
}
