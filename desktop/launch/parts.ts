import { join } from 'node:path'
import type { JsonObject } from '#shared/json.ts'
import type { Clock, Logger } from '#shared/log.ts'
import type { DataFolder } from './dataFolder.ts'
import { engineFlags } from './engineFlags.ts'
import { endLeftBehind, forgetProcess, rememberProcess } from './leftBehind.ts'
import type { LaunchSpec, ProcessLauncher, ProcessName } from './launcher.ts'
import { Supervisor, type SupervisorOptions } from './supervisor.ts'

/** What everything that starts processes needs. */
export interface LaunchContext {
  data: DataFolder
  /** The folder with `node/` (the bundles) and `renderer/` (the dashboard). */
  outFolder: string
  launcher: ProcessLauncher
  log: Logger
  clock: Clock
  random: () => number
  /** Told of each line that a process prints. */
  onLogLine?: (process: ProcessName, line: string) => void
}

export function supervise(
  { data, outFolder, launcher, log, clock, random, onLogLine }: LaunchContext,
  name: ProcessName,
  startOptions: () => JsonObject,
  events: Pick<SupervisorOptions, 'onReady' | 'onDown' | 'onGaveUp'> = {},
): Supervisor {
  const logFile = join(data.logs, `${name}.log`)
  const spec: LaunchSpec = {
    name,
    script: join(outFolder, 'node', `${name}.js`),
    engineFlags: engineFlags[name],
    // Compiled code is kept between starts: half the start time, and a tenth less memory (docs/decisions/0001). Who starts us may have a place for it.
    environment: { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? join(data.cache, 'compiled') },
    logFile,
    onLogLine: onLogLine === undefined ? undefined : (line) => onLogLine(name, line),
  }
  const remembered = join(data.path, 'processes', `${name}.json`)
  endLeftBehind(remembered, log)
  const supervisor: Supervisor = new Supervisor({
    ...{ launcher, spec, startOptions, log, clock, random, ...events },
    onReady(value) {
      if (supervisor.pid !== undefined) rememberProcess(remembered, supervisor.pid)
      events.onReady?.(value)
    },
    onEnded: () => forgetProcess(remembered),
  })
  return supervisor
}
