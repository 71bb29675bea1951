import { parseArgs } from 'node:util'
import { describeMachine, machineLine } from './machine.ts'
import type { BenchRow } from './row.ts'
import { formatTable } from './table.ts'

/**
 * `npm run bench`: each measurement beside that of its peer, on this machine, in this run.
 *   --only NAME        one of the benches below (may be given several times)
 *   --idle-minutes N   how long the idle node is watched (default 10)
 *   --short            fewer rounds where a bench can do with fewer
 *   --farm DIR         dashboard, farm: a seeded farm that is kept between runs
 *   --minutes N        dashboard: how long its memory is watched (default 30, with --short 1)
 *   --json             one JSON object on stdout
 */
interface Options {
  idleMinutes: number
  short: boolean
  farm: string | undefined
  minutes: number
}

const benches: Record<string, (options: Options) => Promise<BenchRow[]>> = {
  storage: async () => (await import('./localStorage.bench.ts')).benchLocalStorage(),
  sync: async () => (await import('./sync.bench.ts')).benchSync(),
  dispatch: async ({ short }) => (await import('./dispatch.bench.ts')).benchDispatch({ short }),
  parser: async ({ short }) => (await import('./parser.bench.ts')).benchParser({ short }),
  render: async ({ short }) => (await import('./render.bench.ts')).benchRender({ short }),
  upscale: async ({ short }) => (await import('./upscale.bench.ts')).benchUpscale({ short }),
  processes: async () => (await import('./processes.bench.ts')).benchProcesses(),
  reaction: async ({ short }) => (await import('./reaction.bench.ts')).benchReaction({ short }),
  dashboard: async ({ short, farm, minutes }) => (await import('./dashboard.bench.ts')).benchDashboard({ short, farm, minutes }),
  farm: async ({ short, farm }) => (await import('./farm.bench.ts')).benchFarm({ short, farm }),
  nodes: async ({ short }) => (await import('./nodes.bench.ts')).benchNodes({ short }),
  desktop: async ({ short }) => (await import('./desktop.bench.ts')).benchDesktop({ short }),
  idle: async ({ idleMinutes }) => (await import('./idle.bench.ts')).benchIdle(idleMinutes),
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    'idle-minutes': { type: 'string', default: '10' },
    short: { type: 'boolean', default: false },
    farm: { type: 'string' },
    minutes: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})

async function main(): Promise<number> {
  const names = values.only ?? Object.keys(benches)
  const unknown = names.filter((name) => !Object.hasOwn(benches, name))
  const idleMinutes = Number(values['idle-minutes'])
  const minutes = Number(values.minutes ?? (values.short ? 1 : 30))
  if (unknown.length > 0 || !(idleMinutes > 0) || !(minutes >= 0)) {
    process.stderr.write(`There is ${Object.keys(benches).join(', ')}; --idle-minutes and --minutes take a number.\n`)
    return 2
  }
  const machine = describeMachine()
  const results: { bench: string; rows: BenchRow[]; error?: string }[] = []
  for (const name of names) {
    process.stderr.write(`measuring ${name} …\n`)
    try {
      results.push({ bench: name, rows: (await benches[name]?.({ idleMinutes, short: values.short, farm: values.farm, minutes })) ?? [] })
    } catch (error) {
      results.push({ bench: name, rows: [], error: error instanceof Error ? error.message : String(error) })
    }
  }
  const failed = results.filter(({ error }) => error !== undefined)
  if (values.json) process.stdout.write(`${JSON.stringify({ ok: failed.length === 0, machine, results })}\n`)
  else process.stdout.write(`${machineLine(machine)}\n\n${formatTable(results.flatMap(({ rows }) => rows))}\n`)
  for (const { bench, error } of failed) process.stderr.write(`${bench} could not be measured: ${error}\n`)
  return failed.length === 0 ? 0 : 1
}

process.exitCode = await main()
