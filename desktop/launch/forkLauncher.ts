import { fork } from 'node:child_process'
import type { FromChild } from '#shared/processes/childProcess.ts'
import { keepProcessLog } from './logs/processLog.ts'
import type { LaunchSpec, ProcessHandle, ProcessLauncher } from './launcher.ts'
import { killTree } from './processTree.ts'

/** Starts processes with Node's fork, in a process group of their own: Ctrl-C in the terminal reaches us alone, and we stop them in order. */
export const forkLauncher: ProcessLauncher = {
  launch(spec: LaunchSpec): ProcessHandle {
    const child = fork(spec.script, [], {
      execArgv: [...spec.engineFlags],
      env: { ...process.env, ...spec.environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    })
    const options = { file: spec.logFile, name: spec.name, pid: () => child.pid, onLine: spec.onLogLine }
    const endLog = keepProcessLog(options, [child.stdout, child.stderr])
    child.once('close', endLog)
    let ended = false
    return {
      pid: child.pid,
      send(message) {
        // A failed send means that the process is gone, and then its exit is told.
        if (child.connected) child.send(message, () => undefined)
      },
      onMessage(handler) {
        child.on('message', (message) => handler(message as FromChild))
      },
      onExit(handler) {
        child.once('error', () => {
          if (ended || child.pid !== undefined) return
          ended = true
          handler({ code: null, signal: null })
        })
        child.once('exit', (code, signal) => {
          if (ended) return
          ended = true
          handler({ code, signal })
        })
      },
      killTree() {
        if (!ended && child.pid !== undefined) killTree(child.pid)
      },
    }
  },
}
