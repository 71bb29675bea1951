import type { FromChild, ParentPort, ToChild } from './childProcess.ts'

/** What Electron gives a utilityProcess instead of fork's channel (https://www.electronjs.org/docs/latest/api/parent-port). */
interface ElectronParentPort {
  on(event: 'message', handler: (event: { data: unknown; ports: readonly unknown[] }) => void): void
  postMessage(message: unknown): void
}

/** What this needs of Node's `process`; `parentPort` is there in Electron's utilityProcess only. */
export interface ChildOfLauncher {
  connected?: boolean
  send?: ((message: FromChild) => unknown) | undefined
  on(event: 'message', handler: (message: unknown) => void): unknown
  on(event: 'disconnect' | 'SIGTERM' | 'SIGINT', handler: () => void): unknown
}

/** The one seam between a process of ours and whoever started it: fork in Node, utilityProcess in Electron. */
export function createParentPort(process: ChildOfLauncher): ParentPort {
  const electron = (process as { parentPort?: ElectronParentPort }).parentPort
  return {
    send(message: FromChild) {
      if (electron !== undefined) electron.postMessage(message)
      else if (process.connected === true) process.send?.(message)
    },
    onMessage(handler) {
      // Safe: only our own launcher holds the other end.
      if (electron !== undefined) electron.on('message', ({ data, ports }) => handler(data as ToChild, ports))
      else process.on('message', (message) => handler(message as ToChild, []))
    },
    onClosed(handler) {
      process.on('disconnect', handler)
      process.on('SIGTERM', handler)
      process.on('SIGINT', handler)
    },
  }
}
