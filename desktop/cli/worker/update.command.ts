import { Command } from 'commander'
import type { JsonObject } from '#shared/json.ts'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import { updateNoteSchema } from '#shared/collections/node.schema.ts'
import { askInstance } from '../../launch/controlClient.ts'
import { readInstance } from '../../launch/instanceFile.ts'
import { dataPath, type CliContext } from '../context.ts'
import { dataOption, jsonOption } from '../options.ts'

interface UpdateOptions {
  now?: boolean
  data?: string
  json?: boolean
}

/** `pictor worker update`: how the update of the worker on the data folder stands; with --now it looks for a new version and installs it. */
export function updateCommand(context: CliContext): Command {
  return new Command('update')
    .description('how the running worker keeps itself up to date')
    .option('--now', 'look for a new version at once and install it when the frame in progress is finished')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action((options: UpdateOptions) =>
      context.run(options.json, async (terminal) => {
        const instance = readInstance(dataPath(options.data))
        if (instance?.kind !== 'worker') throw new AppErrorException(appError('NOT_RUNNING', { path: dataPath(options.data) }))
        const note = await askInstance(instance, 'launcher.update', { now: options.now === true }, updateNoteSchema)
        terminal.print(`Version ${context.version}, update: ${note.state}${note.version === undefined ? '' : ` ${note.version}`}`)
        if (note.reason !== undefined) terminal.print(`Reason: ${note.reason}`)
        if (note.problem !== undefined) terminal.print(note.problem.message)
        return { value: { update: JSON.parse(JSON.stringify(note)) as JsonObject } }
      }),
    )
}
