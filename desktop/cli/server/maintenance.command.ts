import { join } from 'node:path'
import { Command, Option } from 'commander'
import { AppErrorException } from '#shared/errors/appError.ts'
import type { JsonObject } from '#shared/json.ts'
import type { Result } from '#shared/result.ts'
import type { MaintenanceOptions } from '../../../sync-server/entry.ts'
import { lockDataFolder, openDataFolder } from '../../launch/dataFolder.ts'
import { systemClock } from '../../launch/systemClock.ts'
import { progressBar } from '../console/progressBar.ts'
import type { CommandResult } from '../console/runCommand.ts'
import { terminalLogger, type Terminal } from '../console/terminal.ts'
import { dataPath, typedPath, type CliContext } from '../context.ts'
import { couchOption, dataOption, jsonOption } from '../options.ts'
import { backupRunning } from './backupRunning.ts'

interface MaintenanceFlags {
  data?: string
  couch?: string
  couchPrefix?: string
  json?: boolean
}
type Work = (options: MaintenanceOptions) => Promise<Result<object>>

/** `pictor server backup | restore | migrate`: on a server that does not run; a backup also on one that does. */
export function maintenanceCommands(context: CliContext): Command[] {
  const backup = base('backup', 'write everything this server keeps (documents, files, logs) into a folder')
    .argument('<folder>', 'where the backup goes; it must be empty or not exist')
    .action((folder: string, flags: MaintenanceFlags) =>
      context.run(flags.json, (terminal) =>
        withProgress(terminal, 'backup', async (onProgress) => {
          const running = await backupRunning(dataPath(flags.data), typedPath(folder), onProgress)
          if (running !== null) return running
          return withStopped(context, flags, terminal, (options) =>
            entry().then(({ backupServer }) => backupServer({ ...options, onProgress }, typedPath(folder))),
          )
        }),
      ),
    )
  const restore = base('restore', 'fill a server that holds nothing yet from a backup; nodes then send again what they hold')
    .argument('<folder>', 'the backup')
    .action((folder: string, flags: MaintenanceFlags) =>
      maintain(context, flags, 'restore', async (options) => (await entry()).restoreServer(options, typedPath(folder))),
    )
  const migrate = base(
    'migrate',
    'move the documents to another store, checked by count and digest; started again it goes on where it stopped',
  )
    .addOption(new Option('--to <url>', 'a CouchDB 3; without it the embedded store of the data folder'))
    .addOption(new Option('--to-prefix <text>', 'what the names of the databases there begin with'))
    .action((flags: MaintenanceFlags & { to?: string; toPrefix?: string }) => {
      const target = { couchUrl: flags.to ?? null, couchPrefix: flags.toPrefix ?? null }
      return maintain(context, flags, 'migrate', async (options) =>
        (await entry()).migrateServer(options, { dataFolder: options.dataFolder, ...target }),
      )
    })
  return [backup, restore, migrate]
}

/** The gateway's code is loaded only by the commands that run it in this process. */
const entry = () => import('../../../sync-server/entry.ts')

const base = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .addOption(dataOption())
    .addOption(couchOption())
    .addOption(new Option('--couch-prefix <text>', 'what the names of its databases begin with').env('PICTOR_COUCH_PREFIX'))
    .addOption(jsonOption())

function maintain(context: CliContext, flags: MaintenanceFlags, label: string, work: Work): Promise<void> {
  return context.run(flags.json, (terminal) =>
    withProgress(terminal, label, (onProgress) => withStopped(context, flags, terminal, (options) => work({ ...options, onProgress }))),
  )
}

/** On a data folder on which nothing runs, and nothing is started meanwhile. */
async function withStopped(context: CliContext, flags: MaintenanceFlags, terminal: Terminal, work: Work): Promise<Result<object>> {
  const data = openDataFolder(dataPath(flags.data))
  const unlock = lockDataFolder(data.path)
  try {
    return await work({
      ...{ dataFolder: data.gateway, couchUrl: flags.couch ?? null, couchPrefix: flags.couchPrefix ?? null },
      ...{ storeEntryPath: join(context.outFolder, 'node', 'store.js'), log: terminalLogger(terminal), clock: systemClock },
    })
  } finally {
    unlock()
  }
}

async function withProgress(
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
