import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Run } from '#shared/collections/run.schema.ts'
import { openResultStore } from '../tasks/results/resultStore.ts'
import { newRun } from '../tasks/run/runChanges.ts'
import { manualClock } from '../testing/manualClock.ts'
import { quietLog } from '../testing/quietLog.ts'
import { makeTask } from '../testing/tasks.ts'
import { clean } from './keepClean.ts'

let folder: string
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'pictor-clean-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

const day = 86_400_000
const nowMs = 100 * day

async function picture(taskId: string, ageMs: number): Promise<void> {
  const path = join(folder, 'results', taskId)
  await mkdir(path, { recursive: true })
  await writeFile(join(path, 'frame_000001.png'), 'x')
  const at = new Date(nowMs - ageMs)
  await utimes(path, at, at)
}

/** As after hours of even running, or as after a clock that was just set. */
const cleanNow = async (areAgesTrue: boolean, runs: Record<string, Run>) => {
  const results = await openResultStore(join(folder, 'results'))
  const dropped = await clean({
    // Only these are used of the two.
    runner: { results, tasks: () => [] } as never,
    series: { dropOlderThan: () => (areAgesTrue ? Promise.resolve(0) : Promise.reject(new Error('nothing is dropped'))) } as never,
    folder,
    ages: { areAgesTrue: () => areAgesTrue },
    clock: manualClock(nowMs),
    log: quietLog,
    get: (id) => Promise.resolve(runs[id] ?? null),
  })
  return { dropped, kept: (await results.list()).map(({ taskId }) => taskId).sort() }
}

test('pictures of settled tasks go after a day, the newest stays, undelivered ones stay, orphans stay a month', async () => {
  await picture('newest', 2 * day)
  await picture('settled', 3 * day)
  await picture('waiting', 90 * day)
  await picture('unknown-young', 20 * day)
  await picture('unknown-old', 40 * day)
  await mkdir(join(folder, 'scenes', 'unused'), { recursive: true })
  const run = (state: Run['state']): Run => ({ ...newRun(makeTask(), 1), state })
  const runs: Record<string, Run> = { newest: run('done'), settled: run('done'), waiting: run('uploading') }
  // A clock that was set a year ahead makes all of it old; scenes that nobody needs are not a matter of age.
  expect(await cleanNow(false, runs)).toEqual({
    dropped: 0,
    kept: ['newest', 'settled', 'unknown-old', 'unknown-young', 'waiting'],
  })
  expect(existsSync(join(folder, 'scenes', 'unused'))).toBe(false)
  expect(await cleanNow(true, runs)).toEqual({ dropped: 2, kept: ['newest', 'unknown-young', 'waiting'] })
})
