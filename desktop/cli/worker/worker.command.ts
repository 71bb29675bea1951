import { Command, Option } from 'commander'
import type { CliContext } from '../context.ts'
import { dataPath } from '../context.ts'
import { dataOption, jsonOption, parseMinutes, parsePort, parseServerUrl } from '../options.ts'
import { benchCommand } from './bench.command.ts'
import { createCommand } from './create.command.ts'
import { doctorCommand } from './doctor.command.ts'
import { anywayCommand, pauseCommand, resumeCommand } from './pause.command.ts'
import { sessionHelperCommand } from './sessionHelper.command.ts'
import { serviceCommands } from './service.command.ts'
import { healthCommand } from './health.command.ts'
import { updateCommand } from './update.command.ts'
import { runWorker } from './runWorker.ts'

export interface WorkerOptions {
  config?: string
  server?: string
  enroll?: string
  data?: string
  ui?: number
  uiHost: string
  uiUrl?: string
  uiTlsCert?: string
  uiTlsKey?: string
  uiBehindProxy?: boolean
  exitWhenDone?: boolean
  /** Minutes, as the next. */
  exitAfterIdle?: number
  updateDeadline?: number
  logJson?: boolean
  sessionFile?: string
  json?: boolean
}

/** `pictor worker`: a node without a gateway of its own. */
export function workerCommand(context: CliContext): Command {
  const worker = new Command('worker')
    .description('run a node that works for a server elsewhere; after the first start it remembers which')
    .addOption(
      new Option('--config <file>', 'worker config (*.pictor.json) downloaded from the dashboard or made by `worker create`').env(
        'PICTOR_WORKER_CONFIG',
      ),
    )
    .addOption(new Option('--server <url>', 'instead of a config: address of the server').env('PICTOR_SERVER').argParser(parseServerUrl))
    .addOption(new Option('--enroll <token>', 'and an enrolment token for it').env('PICTOR_ENROLL'))
    .addOption(dataOption())
    .addOption(
      new Option('--ui <port>', 'serve the dashboard of this node, /health and /metrics on this port; 0 finds a free one')
        .env('PICTOR_UI_PORT')
        .argParser(parsePort),
    )
    .option('--ui-host <address>', 'address the dashboard listens on; beyond this computer it needs TLS or --ui-behind-proxy', '127.0.0.1')
    .addOption(new Option('--ui-url <url>', 'the address people reach it at, when that is not this computer').argParser(parseServerUrl))
    .option('--ui-tls-cert <file>', 'certificate (PEM)')
    .option('--ui-tls-key <file>', 'its private key (PEM)')
    .option('--ui-behind-proxy', 'a proxy in front has TLS')
    .option('--exit-when-done', 'end when all work is done and delivered, and the server has no more')
    .addOption(new Option('--exit-after-idle <minutes>', 'end after so long with nothing to do').argParser(parseMinutes))
    .option('--session-file <file>', 'where helpers in the sessions of people find this worker; for services, which cannot see them')
    .option('--log-json', 'everything it says, and what the node logs, as lines of JSON on stderr')
    .addOption(
      new Option(
        '--update-deadline <minutes>',
        'how long an update waits for the frame in progress; then it cuts it (default: 360)',
      ).argParser(parseMinutes),
    )
    .addOption(jsonOption())
    .addCommand(createCommand(context))
    .addCommand(doctorCommand(context))
    .addCommand(benchCommand(context))
    .addCommand(pauseCommand(context))
    .addCommand(resumeCommand(context))
    .addCommand(anywayCommand(context))
    .addCommand(healthCommand(context))
    .addCommand(sessionHelperCommand(context))
    .addCommand(updateCommand(context))
    .action((options: WorkerOptions) =>
      context.run(options.json, (terminal) => runWorker({ ...options, dataPath: dataPath(options.data) }, context, terminal)),
    )
  for (const command of serviceCommands(context)) worker.addCommand(command)
  return worker
}
