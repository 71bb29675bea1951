import { Command, Option } from 'commander'
import { z } from 'zod'
import { askInstance } from '../../launch/controlClient.ts'
import type { JsonObject } from '#shared/json.ts'
import { runningInstance } from '../client/ownerClient.ts'
import { dataPath, type CliContext } from '../context.ts'
import { dataOption, jsonOption, parseDuration } from '../options.ts'

interface Options {
  data?: string
  json?: boolean
  for?: number
  after?: 'frame' | 'task' | 'all'
}

const kinds = { frame: 'afterFrame', task: 'afterTask', all: 'drain' } as const
const anHourMs = 3_600_000

/** `pictor worker pause`: the node that runs on the data folder rests, also without a line. */
export function pauseCommand(context: CliContext): Command {
  return base(context, 'pause', 'let the node that runs here rest, at once or when something is finished', (options) => {
    const kind = options.after === undefined ? 'now' : kinds[options.after]
    const untilMs = options.for === undefined ? {} : { untilMs: Date.now() + options.for }
    return { ask: 'computer.pause', input: { kind, ...untilMs }, said: 'Paused' }
  })
    .addOption(
      new Option('--after <what>', 'finish this first: the frame in progress, the task, or all it holds (it takes nothing new)').choices(
        Object.keys(kinds),
      ),
    )
    .addOption(new Option('--for <time>', 'for so long, such as 45m, 2h or 1d; otherwise until `resume`').argParser(parseDuration))
}

/** `pictor worker resume`: ends a pause that was set at this computer. */
export const resumeCommand = (context: CliContext): Command =>
  base(context, 'resume', 'end a pause that was set at this computer', () => ({ ask: 'computer.resume', input: {}, said: 'At work' }))

/** `pictor worker anyway`: works although a preference would hold it. */
export function anywayCommand(context: CliContext): Command {
  return base(context, 'anyway', 'work although a preference would hold it (heat holds all the same)', (options) => ({
    ask: 'computer.workAnyway',
    input: { untilMs: options.for === 0 ? null : Date.now() + (options.for ?? anHourMs) },
    said: options.for === 0 ? 'Its preferences count again' : 'Working anyway',
  })).addOption(new Option('--for <time>', 'for so long, such as 45m or 2h (default: 1h); 0 takes it back').argParser(parseDuration))
}

function base(
  context: CliContext,
  name: string,
  description: string,
  build: (options: Options) => { ask: string; input: JsonObject; said: string },
): Command {
  return new Command(name)
    .description(description)
    .addOption(dataOption())
    .addOption(jsonOption())
    .action((options: Options) =>
      context.run(options.json, async (terminal) => {
        const { ask, input, said } = build(options)
        await askInstance(runningInstance(dataPath(options.data)), ask, input, z.looseObject({}))
        const until = typeof input['untilMs'] === 'number' ? ` until ${new Date(input['untilMs']).toLocaleString()}` : ''
        terminal.print(`${said}${until}.`)
        return { value: { ...input } }
      }),
    )
}
