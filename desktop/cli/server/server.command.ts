import { Command, Option } from 'commander'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import type { CliContext } from '../context.ts'
import { dataPath } from '../context.ts'
import { couchOption, dataOption, jsonOption, parsePort, parseServerUrl } from '../options.ts'
import { maintenanceCommands } from './maintenance.command.ts'
import { serverHealthCommand } from './health.command.ts'
import { ownerCommand } from './owner.command.ts'
import { payoutCommands } from './payouts.command.ts'
import { runServer } from './runServer.ts'

export interface ServerOptions {
  data?: string
  port: number
  host: string
  couch?: string
  couchPrefix?: string
  files?: string
  filesRegion?: string
  tlsCert?: string
  tlsKey?: string
  behindProxy?: boolean
  publicUrl?: string
  json?: boolean
}

const defaultServerPort = 7430

/** `pictor server`: the gateway alone, for a farm. */
export function serverCommand(context: CliContext): Command {
  const server = new Command('server')
    .description('run the gateway that nodes and dashboards connect to')
    .addOption(dataOption())
    .addOption(new Option('--port <n>', 'port to listen on; 0 finds a free one').default(defaultServerPort).argParser(parsePort))
    .option('--host <address>', 'address to listen on; beyond this computer it needs TLS or --behind-proxy', '127.0.0.1')
    .addOption(couchOption())
    .addOption(new Option('--couch-prefix <text>', 'what the names of its databases begin with').env('PICTOR_COUCH_PREFIX'))
    .addOption(
      new Option(
        '--files <where>',
        'where several gateways on one CouchDB keep their files: a folder they all mount, or https://HOST/BUCKET of S3',
      ).env('PICTOR_FILES'),
    )
    .addOption(new Option('--files-region <name>', 'the region of that bucket').env('PICTOR_FILES_REGION'))
    .option('--tls-cert <file>', 'certificate (PEM)')
    .option('--tls-key <file>', 'its private key (PEM)')
    .option('--behind-proxy', 'a proxy in front has TLS and passes X-Forwarded-For and X-Forwarded-Proto')
    .addOption(new Option('--public-url <url>', 'the address nodes reach this server at, for their config files').argParser(parseServerUrl))
    .addOption(jsonOption())
    .addCommand(ownerCommand(context))
    .addCommand(serverHealthCommand(context))
    .action((options: ServerOptions) =>
      context.run(options.json, async (terminal) => {
        if ((options.tlsCert === undefined) !== (options.tlsKey === undefined))
          throw new AppErrorException(appError('REQUEST_INVALID', { reason: '--tls-cert and --tls-key go together' }))
        return runServer({ ...options, dataPath: dataPath(options.data) }, context, terminal)
      }),
    )
  for (const command of [...maintenanceCommands(context), ...payoutCommands(context)]) server.addCommand(command)
  return server
}
