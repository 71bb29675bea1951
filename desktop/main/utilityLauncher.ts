import type { Readable } from 'node:stream'
import { utilityProcess, type MessagePortMain } from 'electron'
import type { FromChild } from '#shared/processes/childProcess.ts'
import { keepProcessLog } from '../launch/logs/processLog.ts'
import type { LaunchSpec, ProcessHandle, ProcessLauncher } from '../launch/launcher.ts'
import { killTree } from '../launch/processTree.ts'
import { upscalerSwitch } from './upscaler/runAsUpscaler.ts'

/** Starts processes as Electron's utilityProcess: the fuse that forbids runAsNode makes fork throw in the packaged app. */
export const utilityLauncher: ProcessLauncher = {
  // A utilityProcess cannot start another one, and the app's binary is no Node: the app itself is started, with a word that says what for.
  upscaler: { command: process.execPath, args: [`--${upscalerSwitch}`] },
  launch(spec: LaunchSpec): ProcessHandle {
    const child = utilityProcess.fork(spec.script, [], {
      serviceName: `pictor-${spec.name}`,
      execArgv: [...spec.engineFlags],
      env: { ...definedOnly(process.env), ...spec.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let pid: number | undefined
    child.once('spawn', () => (pid = child.pid))
    const options = { file: spec.logFile, name: spec.name, pid: () => pid, onLine: spec.onLogLine }
    // Electron's types know them as the streams of old; they are Node's.
    const endLog = keepProcessLog(options, [child.stdout as Readable | null, child.stderr as Readable | null])
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
        // V8 gives up (out of memory): the exit follows. Without a listener it would end the app.
        child.on('error', () => undefined)
        child.once('exit', (code) => {
          endLog()
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
