import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Benchmark } from '#shared/collections/node.schema.ts'
import { quietLog } from '../testing/quietLog.ts'
import { handOverBenchmark, takeHandedBenchmark } from './handOver.ts'
import { readKeptBenchmark } from './keepBenchmark.ts'

let folder: string
let facts: Map<string, string>
const local = { readFact: (key: string) => facts.get(key) ?? null, writeFact: (key: string, value: string) => void facts.set(key, value) }
const benchmark = (at: number): Benchmark => ({ at, scene: 'pictor-bench-1', blenderVersion: '4.2.0', fingerprint: 'f', devices: [] })
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pictor-hand-over-'))
  facts = new Map()
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('what was measured without a node is the next node’s, once, unless it knows something newer', async () => {
  expect(await handOverBenchmark(folder, benchmark(5))).toMatchObject({ ok: true })
  await takeHandedBenchmark(folder, local, quietLog)
  expect(readKeptBenchmark(local)).toEqual(benchmark(5))
  expect(await readdir(folder)).toEqual([])
  await handOverBenchmark(folder, benchmark(4))
  await takeHandedBenchmark(folder, local, quietLog)
  expect(readKeptBenchmark(local)?.at).toBe(5)
  expect(await readdir(folder)).toEqual([])
})

test('what cannot be read costs nothing', async () => {
  await writeFile(join(folder, 'benchmark.json'), '{"at": ')
  await takeHandedBenchmark(folder, local, quietLog)
  expect(readKeptBenchmark(local)).toBeNull()
  expect(await readdir(folder)).toEqual([])
})
