import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { appError } from '#shared/errors/appError.ts'
import { err, ok } from '#shared/result.ts'
import { quietLog } from '../../testing/quietLog.ts'
import { makeTask } from '../../testing/tasks.ts'
import { openResultStore, type ResultStore } from '../results/resultStore.ts'
import { frameStarted, newRun, withoutFramesInProgress } from '../run/runChanges.ts'
import { rescueFrames } from './rescueFrames.ts'

let folder: string
let results: ResultStore
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pictor-rescue-'))
  results = await openResultStore(join(folder, 'results'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const task = makeTask()
const rescue = (run = newRun(task, 1), of = task) =>
  rescueFrames(run, of, {
    results,
    nowMs: 50,
    log: quietLog,
    verify: async (path) =>
      (await readdir(join(path, '..'))).length > 0 && !path.includes('000003')
        ? ok({ format: 'PNG', width: 4, height: 4 })
        : err(appError('FRAME_TRUNCATED', { frame: 3 })),
  })
async function keep(frame: number, writtenAtMs: number): Promise<void> {
  const path = join(folder, 'scratch.png')
  await writeFile(path, `picture ${frame}`)
  await utimes(path, writtenAtMs / 1_000, writtenAtMs / 1_000)
  await results.keep(task.id, frame, path)
}

test('pictures that no note knows of count as rendered once, with the time between them', async () => {
  await keep(1, 10_000)
  await keep(2, 13_500)
  const { run, found } = await rescue()
  expect(found).toBe(2)
  expect(run.frames['1']).toMatchObject({ state: 'finished', renders: 1, renderMs: 0, width: 4, sizeBytes: 9 })
  expect(run.frames['2']).toMatchObject({ state: 'finished', renders: 1, renderMs: 3_500 })
  expect(run.frames['3']).toEqual({ state: 'queued', renders: 0 })
})

test('cut between keeping a picture and noting it: it is not counted twice', async () => {
  await keep(1, 10_000)
  const cut = withoutFramesInProgress(frameStarted(newRun(task, 1), 1, 2), 3)
  expect((await rescue(cut)).run.frames['1']).toMatchObject({ state: 'finished', renders: 1 })
})

test('a picture that is not whole is put out of the way and rendered again', async () => {
  await keep(3, 10_000)
  const { run, found } = await rescue()
  expect([found, run.frames['3']?.state]).toEqual([0, 'queued'])
  expect(await readdir(join(folder, 'results', task.id))).toEqual(['frame_000003.png.bad'])
})

test('what the server accepted from this task is done, with or without a picture', async () => {
  const accepted = { ...task, verdicts: { ...task.verdicts, '2': { verdict: 'accepted' as const, sha256: 'a', at: 9 } } }
  const { run, found } = await rescue(newRun(accepted, 1), accepted)
  expect([found, run.frames['2']?.state, run.frames['1']?.state]).toEqual([0, 'delivered', 'queued'])
})
