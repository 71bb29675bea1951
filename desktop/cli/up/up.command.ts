import { Command, Option } from 'commander'
import type { CliContext } from '../context.ts'
import { dataPath } from '../context.ts'
import { couchOption, dataOption, jsonOption, parsePort } from '../options.ts'

export interface UpOptions {
  data?: string
  port: number
  open: boolean
  demo?: boolean
  exitWhenDone?: boolean
  couch?: string
  json?: boolean
}

export const defaultPagePort = 7420

/** `pictor up`: everything on this computer with one command. */
export function upCommand(context: CliContext): Command {
  return new Command('up')
    .description('start everything on this computer: a gateway with its store, a node that renders, and the dashboard')
    .addOption(dataOption())
    .addOption(new Option('--port <n>', 'port of the dashboard; 0 finds a free one').default(defaultPagePort).argParser(parsePort))
    .option('--no-open', 'do not open the browser or the desktop window, only print the address')
    .option('--demo', 'render the demo scene')
    .option('--exit-when-done', 'with --demo: print a summary when it is rendered, and stop')
    .addOption(couchOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
The first start makes an owner and enrols this computer, without questions. Ctrl-C stops everything; a second Ctrl-C does so at once.

With --demo --exit-when-done --json the summary is {ok, frames, tasksAccepted, ledgerTotalMicro, outputs:[{path, sha256}]}:
accepted frames, ledger entries of the demo job, their gross in micro-PICTOR (a decimal string; kind selfRender: rendered for oneself,
never mixed with network earnings), and the pictures, downloaded into <data>/outputs/<job>.`,
    )
    .action((options: UpOptions) =>
      context.run(options.json, async (terminal) => {
        const { runUp } = await import('./runUp.ts')
        return runUp({ ...options, dataPath: dataPath(options.data) }, context, terminal)
      }),
    )
}
