import { fork } from 'node:child_process'

/** A child process with a message channel, however it was started. */
export interface ChildHandle {
  pid: number | undefined
  send(message: object): void
  onMessage(handler: (message: unknown) => void): void
  /** Called once, with words for a log. */
  onExit(handler: (how: string) => void): void
  kill(): void
}
/** The one seam by which the gateway starts processes: fork in Node; Electron's shell gives its own. */
export type LaunchProcess = (entryPath: string) => ChildHandle

export const forkProcess: LaunchProcess = (entryPath) => {
  const child = fork(entryPath, [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: ['--max-old-space-size=512', '--max-semi-space-size=16', '--no-warnings'],
  })
  return {
    pid: child.pid,
    send: (message) => {
      // A failed send means the child is gone, and then its exit is told.
      if (child.connected) child.send(message, () => undefined)
    },
    onMessage: (handler) => child.on('message', handler),
    onExit: (handler) => {
      let told = false
      const once = (how: string) => {
        if (!told) handler(how)
        told = true
      }
      child.on('error', (error) => once(error.message))
      child.on('exit', (code, signal) => once(signal ?? `code ${code}`))
    },
    kill: () => child.kill('SIGKILL'),
  }
}
