import { AppErrorException } from '#shared/errors/appError.ts'
import type { JsonObject } from '#shared/json.ts'
import type { Result } from '#shared/result.ts'
import type { MaintenanceOptions } from '../../../sync-server/entry.ts'
import { lockDataFolder, openDataFolder } from '../../launch/dataFolder.ts'
import { forkLauncher } from '../../launch/forkLauncher.ts'
import { storeStarter } from '../../launch/store.ts'
import { systemClock } from '../../launch/systemClock.ts'
import { progressBar } from '../console/progressBar.ts'
import type { CommandResult } from '../console/runCommand.ts'
import { terminalLogger, type Terminal } from '../console/terminal.ts'
import { dataPath, type CliContext } from '../context.ts'

export interface MaintenanceFlags {
  data?: string
  couch?: string
  couchPrefix?: string
  json?: boolean
}
export type Work = (options: MaintenanceOptions) => Promise<Result<object>>

/** On a data folder on which nothing runs, and nothing is started meanwhile. */
export async function withStopped(context: CliContext, flags: MaintenanceFlags, terminal: Terminal, work: Work): Promise<Result<object>> {
  const data = openDataFolder(dataPath(flags.data))
  const unlock = lockDataFolder(data.path)
  const launch = { data, outFolder: context.outFolder, launcher: forkLauncher, log: terminalLogger(terminal), clock: systemClock }
  try {
    return await work({
      ...{ dataFolder: data.gateway, couchUrl: flags.couch ?? null, couchPrefix: flags.couchPrefix ?? null },
      ...{ startStore: storeStarter({ ...launch, random: Math.random }), log: launch.log, clock: systemClock },
    })
  } finally {
    unlock()
  }
}

/** Shows how far the work is, and prints what it reports. */
export async function withProgress(
  terminal: Terminal,
  label: string,
  work: (onProgress: (done: number, total: number) => void) => Promise<Result<object>>,
): Promise<CommandResult> {
  const bar = progressBar(terminal, label)
  const result = await work((done, total) => bar.update(total === 0 ? 1 : done / total, `${done} of ${total}`))
  bar.finish()
  if (!result.ok) throw new AppErrorException(result.error)
  const value = JSON.parse(JSON.stringify(result.value)) as JsonObject
  for (const [name, fact] of Object.entries(value))
    terminal.print(`${name}: ${typeof fact === 'object' ? JSON.stringify(fact) : String(fact)}`)
  return { value }
}
