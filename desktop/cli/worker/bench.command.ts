import { Command, Option } from 'commander'
import { z } from 'zod'
import { benchmarkSchema, type Benchmark } from '#shared/collections/node.schema.ts'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import type { JsonObject } from '#shared/json.ts'
import { askInstance } from '../../launch/controlClient.ts'
import { readInstance, type Instance } from '../../launch/instanceFile.ts'
import { openDataFolder } from '../../launch/dataFolder.ts'
import { benchComputer, handOverBenchmark } from '../../runtime/entry.ts'
import { exitCodes } from '../console/exitCodes.ts'
import { terminalLogger, type Terminal } from '../console/terminal.ts'
import { dataPath, type CliContext } from '../context.ts'
import { dataOption, jsonOption, parseCount } from '../options.ts'

interface BenchOptions {
  data?: string
  runs?: number
  device?: string
  json?: boolean
}

const mostRuns = 19
const askEveryMs = 1_000
/** A node that works finishes its frame first, which may take as long as frames take. */
const waitMs = 6 * 3_600_000

/** `pictor worker bench`: how fast each device of this computer renders. A node that runs here does it itself, after the frame in progress. */
export function benchCommand(context: CliContext): Command {
  return new Command('bench')
    .description(
      'render a fixed scene on each card and on the processor; 1000 is a work unit a second. A node that runs here does it itself',
    )
    .addOption(
      new Option('--runs <n>', 'runs that count, of which the middle one is the score (without a running node)').argParser(parseCount),
    )
    .option('--device <id>', 'only this one: UUID of a card, or cpu (without a running node)')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action((options: BenchOptions) =>
      context.run(options.json, async (terminal) => {
        const instance = readInstance(dataPath(options.data))
        const benchmark = instance?.control == null ? await benchHere(options, terminal) : await askNode(instance, options, terminal)
        print(terminal, benchmark)
        const measured = benchmark.devices.some(({ score }) => score !== null)
        return { value: { ...benchmark } as unknown as JsonObject, exitCode: measured ? exitCodes.ok : exitCodes.failed }
      }),
    )
}

async function benchHere({ data, runs, device }: BenchOptions, terminal: Terminal): Promise<Benchmark> {
  if (runs !== undefined && runs > mostRuns) throw misuse(`--runs takes at most ${mostRuns}`)
  const stop = new AbortController()
  const onSignal = () => stop.abort()
  process.once('SIGINT', onSignal)
  try {
    const result = await benchComputer({
      ...{ log: terminalLogger(terminal), signal: stop.signal },
      ...(runs === undefined ? {} : { runs }),
      ...(device === undefined ? {} : { device }),
      onDevice: (name) => terminal.say(`benching ${name} …`),
    })
    if (!result.ok) throw new AppErrorException(result.error)
    // Only what a node would have measured itself: all devices, as many runs.
    if (runs === undefined && device === undefined) {
      const left = await handOverBenchmark(openDataFolder(dataPath(data)).runtime, result.value)
      terminal.say(left.ok ? 'a node that is started on this data folder takes this over' : left.error.message)
    }
    return result.value
  } finally {
    process.removeListener('SIGINT', onSignal)
  }
}

const askedSchema = z.looseObject({ benchmark: benchmarkSchema.nullable(), done: z.boolean() })

async function askNode(instance: Instance, { runs, device }: BenchOptions, terminal: Terminal): Promise<Benchmark> {
  if (runs !== undefined || device !== undefined)
    throw misuse('a node runs here and benches all of its devices by itself: leave --runs and --device out')
  const { askedAt } = await askInstance(instance, 'node.bench', {}, z.looseObject({ askedAt: z.number() }))
  terminal.say('the node benches itself as soon as its frame in progress is done …')
  const until = performance.now() + waitMs
  for (;;) {
    const { benchmark, done } = await askInstance(instance, 'node.benchState', { askedAt }, askedSchema)
    if (done && benchmark !== null) return benchmark
    if (performance.now() > until) throw new AppErrorException(appError('TIMED_OUT', { what: 'the bench', seconds: waitMs / 1_000 }))
    await new Promise<void>((resolve) => setTimeout(resolve, askEveryMs))
  }
}

function print(terminal: Terminal, { blenderVersion, devices }: Benchmark): void {
  terminal.print(`Blender ${blenderVersion}; 1000 = one work unit (a megapixel with one sample) a second`)
  for (const { name, device, score, runs, backend, watts, error } of devices) {
    const what = `${name}${device === 'cpu' ? '' : ` (${device})`}`
    if (score === null) terminal.print(`   -       ${what}: could not be measured: ${error?.message ?? ''}`)
    else {
      const power = watts === undefined ? '' : `, ${watts} W`
      terminal.print(
        `${String(score).padStart(9)}  ${what}, ${backend}${power}; ${runs.length} runs from ${Math.min(...runs)} to ${Math.max(...runs)}`,
      )
    }
  }
}

const misuse = (reason: string) => new AppErrorException(appError('REQUEST_INVALID', { reason }))
