import { Command, Option } from 'commander'
import { writePrivateJson } from '../../launch/privateFile.ts'
import { dataPath, typedPath, type CliContext } from '../context.ts'
import { couchOption, dataOption, jsonOption, parseCount } from '../options.ts'
import { withGateway } from '../server/withGateway.ts'

interface CreateOptions {
  out: string
  owner?: string
  uses?: number
  data?: string
  couch?: string
  json?: boolean
}

/** `pictor worker create NAME --out FILE.pictor.json` */
export function createCommand(context: CliContext): Command {
  return new Command('create')
    .description('make a worker on the server of the data folder, and the config file that sets it up elsewhere')
    .argument('<name>', 'name of the worker')
    .requiredOption('--out <file>', 'where the config file goes; it carries a token that enrols, so only you can read it')
    .option('--owner <id>', 'owner of the worker (needed when the server has several)')
    .addOption(new Option('--uses <n>', 'how many computers may be set up with it').argParser(parseCount))
    .addOption(dataOption())
    .addOption(couchOption())
    .addOption(jsonOption())
    .action((name: string, options: CreateOptions) =>
      context.run(options.json, (terminal) =>
        withGateway(dataPath(options.data), options.couch, context, terminal, async ({ operator }) => {
          const { worker, config } = await operator.call('workers.create', {
            name,
            ...(options.owner === undefined ? {} : { ownerId: options.owner }),
            ...(options.uses === undefined ? {} : { uses: options.uses }),
          })
          const path = typedPath(options.out)
          writePrivateJson(path, config)
          terminal.print(`Made the worker ${name} (${worker.id}). Its config: ${path}`)
          return { value: { workerId: worker.id, name, path, expiresAt: config.expiresAt } }
        }),
      ),
    )
}
