import { createWriteStream } from 'node:fs'
import { utilityProcess, type MessagePortMain } from 'electron'
import type { FromChild } from '#shared/processes/childProcess.ts'
import { labelledLines } from '../launch/labelledLines.ts'
import type { LaunchSpec, ProcessHandle, ProcessLauncher } from '../launch/launcher.ts'
import { killTree } from '../launch/processTree.ts'

/** Starts processes as Electron's utilityProcess: the fuse that forbids runAsNode makes fork throw in the packaged app. */
export const utilityLauncher: ProcessLauncher = {
  launch(spec: LaunchSpec): ProcessHandle {
    const child = utilityProcess.fork(spec.script, [], {
      serviceName: `pictor-${spec.name}`,
      execArgv: [...spec.engineFlags],
      env: { ...definedOnly(process.env), ...spec.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const log = createWriteStream(spec.logFile, { flags: 'a', mode: 0o600 })
    let pid: number | undefined
    child.once('spawn', () => (pid = child.pid))
    // A stream each: halves of lines must not meet.
    for (const printed of [child.stdout, child.stderr]) printed?.pipe(labelledLines(spec.name, () => pid)).pipe(log, { end: false })
    return {
      get pid() {
        return child.pid
      },
      // Safe: only the shell makes ports, and they are Electron's.
      send: (message, ports = []) => child.postMessage(message, [...ports] as MessagePortMain[]),
      onMessage(handler) {
        child.on('message', (message) => handler(message as FromChild))
      },
      onExit(handler) {
        child.once('exit', (code) => {
          log.end()
          handler({ code, signal: null })
        })
      },
      killTree() {
        if (child.pid !== undefined) killTree(child.pid)
      },
    }
  },
}

const definedOnly = (environment: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined))
