import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCli } from '../e2e/support/cli.ts'
import { start } from '../e2e/support/started.ts'
import type { BenchRow } from './row.ts'

const rounds = 3

/** How long the command line takes to say its help, and `up` to serve: on an empty folder and on one that was used. */
export async function benchProcesses(): Promise<BenchRow[]> {
  const helps: number[] = []
  for (let round = 0; round < rounds; round += 1) helps.push(await timed(() => runCli(['--help'])))
  const firsts: number[] = []
  const seconds: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const data = mkdtempSync(join(tmpdir(), 'bench-start-'))
    firsts.push(await timedStart(data))
    seconds.push(await timedStart(data))
    rmSync(data, { recursive: true, force: true })
  }
  const row = (what: string, values: number[]): BenchRow => ({
    ...{ what, goal: 'none set', ours: Math.min(...values), unit: 's', peer: '', peerValue: null, ratio: null, reached: null },
  })
  return [row('pictor --help', helps), row('pictor up, first start until it serves', firsts), row('pictor up, later start', seconds)]
}

async function timedStart(data: string): Promise<number> {
  const startedAt = performance.now()
  const up = await start('up', data, ['--port', '0', '--no-open'])
  const took = (performance.now() - startedAt) / 1_000
  await up.stop()
  return took
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return (performance.now() - startedAt) / 1_000
}
