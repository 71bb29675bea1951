import { Command, Option } from 'commander'
import type { CliContext } from '../context.ts'
import { couchOption, dataOption, jsonOption, parseCount } from '../options.ts'
import { withProgress, withStopped, type MaintenanceFlags } from '../server/onStopped.ts'

interface SeedFlags extends MaintenanceFlags {
  workers: number
  tasks: number
  days: number
  owner: string
  seed: number
  intoExisting?: boolean
}

/** `pictor seed`: fills a server that does not run with an invented farm, to try the dashboard at any size. */
export function seedCommand(context: CliContext): Command {
  return new Command('seed')
    .description('fill an empty server with an invented farm and its history, to try the dashboard at any size')
    .addOption(new Option('--workers <n>', 'workers of the farm').default(50).argParser(parseCount))
    .addOption(new Option('--tasks <n>', 'tasks they have done').default(5_000).argParser(parseCount))
    .addOption(new Option('--days <n>', 'days in which they did them').default(30).argParser(parseCount))
    .addOption(new Option('--owner <name>', 'whose farm it is; PICTOR_PASSWORD is the password of a new owner').default('seed-farm'))
    .addOption(new Option('--seed <n>', 'the same number makes the same farm').default(1).argParser(parseCount))
    .option('--into-existing', 'also into a server that holds data already')
    .addOption(dataOption())
    .addOption(couchOption())
    .addOption(new Option('--couch-prefix <text>', 'what the names of its databases begin with').env('PICTOR_COUCH_PREFIX'))
    .addOption(jsonOption())
    .action((flags: SeedFlags) =>
      context.run(flags.json, (terminal) =>
        withProgress(terminal, 'seed', (onProgress) =>
          withStopped(context, flags, terminal, async (options) => {
            const { seedServer } = await import('../../../sync-server/entry.ts')
            const { workers, tasks, days, owner, seed, intoExisting = false } = flags
            const password = process.env['PICTOR_PASSWORD']
            return seedServer({ ...options, onProgress }, { workers, tasks, days, owner, seed, intoExisting, password })
          }),
        ),
      ),
    )
}
