import { Notification } from 'electron'
import type { NodeProcess, ShellSettings } from '#shared/api/shellCalls.ts'
import { fillIn } from '#shared/errors/appError.ts'
import type { UpdateState } from '#shared/updates/updateState.ts'
import type { TrayState } from './tray/trayState.ts'
import type { Speech } from './words/speech.ts'

export interface Notices {
  /** What is so now; something that began to be so and that the person wants to hear of is told once. */
  look(now: { node: NodeProcess; tray: TrayState; update: UpdateState }): void
}

/** Notifications of the system, by choice: problems of this computer, and new versions. A click opens the window. */
export function createNotices(settings: () => ShellSettings, speech: () => Speech, open: () => void): Notices {
  let before: { node: NodeProcess; line: string; update: string } | null = null
  function show(body: string): void {
    if (!Notification.isSupported()) return
    const notification = new Notification({ title: speech().words.title, body })
    notification.on('click', open)
    notification.show()
  }
  return {
    look({ node, tray, update }) {
      const { notices } = speech().words
      const was = before
      const key = 'release' in update ? `${update.name} ${update.release.version}` : update.name
      before = { node, line: tray.icon === 'problem' ? tray.line : '', update: key }
      if (was === null) return
      if (settings().notifyProblems) {
        if (node === 'down' && was.node === 'up') show(notices.nodeDown)
        else if (node === 'gaveUp' && was.node !== 'gaveUp') show(notices.nodeGaveUp)
        else if (node === 'up' && before.line !== '' && before.line !== was.line) show(tray.line)
      }
      if (settings().notifyUpdates && key !== was.update) {
        if (update.name === 'downloaded') show(fillIn(notices.updateReady, { ...update.release }))
        else if (update.name === 'available' && !settings().autoUpdate) show(fillIn(notices.updateFound, { ...update.release }))
        else if (update.name === 'idle' && update.problem !== null && update.problem.code !== 'UPDATE_FEED_UNREACHABLE')
          show(`${notices.updateRefused} ${speech().error(update.problem)}`)
      }
    },
  }
}
