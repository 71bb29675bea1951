import { ipcMain, type IpcMainInvokeEvent } from 'electron'
import { shellChannels } from '#shared/api/shellCalls.ts'
import { answerCall, type ShellHandlers } from './answerCall.ts'

/**
 * The one place that listens to the page (lint forbids `ipcMain` elsewhere). Returns its own end.
 * @param isOwnWindow is the sender the window that is open now?
 */
export function serveCalls(handlers: ShellHandlers, isOwnWindow: (event: IpcMainInvokeEvent) => boolean): () => void {
  ipcMain.handle(shellChannels.call, (event, name: unknown, input: unknown) => {
    const frame = event.senderFrame
    const sender = { frameUrl: frame?.url ?? null, isMainFrame: frame !== null && frame.parent === null, isOwnWindow: isOwnWindow(event) }
    return answerCall(handlers, sender, name, input)
  })
  return () => ipcMain.removeHandler(shellChannels.call)
}
