import { Command, Option } from 'commander'
import type { CliContext } from '../context.ts'
import { dataPath } from '../context.ts'
import { dataOption, jsonOption, parsePort, parseServerUrl } from '../options.ts'
import { createCommand } from './create.command.ts'
import { doctorCommand } from './doctor.command.ts'
import { anywayCommand, pauseCommand, resumeCommand } from './pause.command.ts'
import { runWorker } from './runWorker.ts'

export interface WorkerOptions {
  config?: string
  server?: string
  enroll?: string
  data?: string
  ui?: number
  json?: boolean
}

/** `pictor worker`: a node without a gateway of its own. */
export function workerCommand(context: CliContext): Command {
  return new Command('worker')
    .description('run a node that works for a server elsewhere; after the first start it remembers which')
    .option('--config <file>', 'worker config (*.pictor.json) downloaded from the dashboard or made by `worker create`')
    .addOption(new Option('--server <url>', 'instead of a config: address of the server').argParser(parseServerUrl))
    .addOption(new Option('--enroll <token>', 'and an enrolment token for it').env('PICTOR_ENROLL'))
    .addOption(dataOption())
    .addOption(new Option('--ui <port>', 'serve the dashboard of this node on this port; 0 finds a free one').argParser(parsePort))
    .addOption(jsonOption())
    .addCommand(createCommand(context))
    .addCommand(doctorCommand(context))
    .addCommand(pauseCommand(context))
    .addCommand(resumeCommand(context))
    .addCommand(anywayCommand(context))
    .action((options: WorkerOptions) =>
      context.run(options.json, (terminal) => runWorker({ ...options, dataPath: dataPath(options.data) }, context, terminal)),
    )
}
