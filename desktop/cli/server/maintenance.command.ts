import { Command, Option } from 'commander'
import { dataPath, typedPath, type CliContext } from '../context.ts'
import { couchOption, dataOption, jsonOption } from '../options.ts'
import { backupRunning } from './backupRunning.ts'
import { withProgress, withStopped, type MaintenanceFlags, type Work } from './onStopped.ts'

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
