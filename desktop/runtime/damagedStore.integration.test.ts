import { once } from 'node:events'
import { closeSync, existsSync, openSync, readdirSync, statSync, truncateSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Earning } from '#shared/collections/earning.schema.ts'
import type { JobState } from '#shared/collections/job.schema.ts'
import type { NodeDocument } from '#shared/collections/node.schema.ts'
import type { Run } from '#shared/collections/run.schema.ts'
import type { JsonObject } from '#shared/json.ts'
import { makeTestScene } from './engines/testing/makeTestScene.ts'
import { ProcessError, startHousehold, type StartedProcess, type TestHousehold } from './testing/startHousehold.ts'

/** Real gateway, store and Blender, each in its own process; the node's databases are damaged on the disk. */
let house: TestHousehold
let runtime: StartedProcess
let scene: string
let nodeId: string

beforeAll(async () => {
  scene = await makeTestScene({ frames: 5, secondsPerFrame: 1 })
  house = await startHousehold()
  runtime = await house.startRuntime('node', await house.newConfig('node'))
  nodeId = runtime.value['nodeId'] as string
}, 120_000)
afterAll(() => house.stop(), 60_000)

const patience = { timeout: 120_000, interval: 200 }
const world = () => {
  const worlds = join(house.folder, 'node', 'worlds')
  return join(worlds, readdirSync(worlds)[0] ?? '')
}
const documents = () => join(world(), 'documents.sqlite')

async function submit(): Promise<string> {
  const staged = await runtime.ask('scene.stageFile', { path: scene })
  if (!staged.ok) throw new ProcessError(staged.error)
  const stagedId = (staged.value as JsonObject)['stagedId'] ?? ''
  const submitted = await runtime.ask('scene.submit', { stagedId, frames: '1-5', chunkSize: 5, settings: {} })
  if (!submitted.ok) throw new ProcessError(submitted.error)
  return (submitted.value as { jobId: string }).jobId
}
const runOf = async (jobId: string) => (await house.documents<Run>('runs')).find((run) => run.jobId === jobId)
const node = async () => (await house.documents<NodeDocument>('nodes')).find(({ id }) => id === nodeId)
/** Frames whose pictures are kept on the disk. */
const picturesOf = (run: Run): string[] => {
  const folder = join(world(), 'results', run.id.replaceAll(':', '~'))
  return existsSync(folder) ? readdirSync(folder).map((name) => String(Number(/\d+/.exec(name)?.[0]))) : []
}
async function untilPictures(jobId: string, count: number): Promise<Run> {
  return vi.waitFor(async () => {
    const run = await runOf(jobId)
    if (run === undefined) throw new Error('no run yet')
    expect(picturesOf(run).length).toBeGreaterThanOrEqual(count)
    return run
  }, patience)
}
/** All five frames were accepted and paid, once, by this one node, and none of these was rendered again. */
async function expectPaidOnce(jobId: string, renderedBefore: readonly string[]): Promise<void> {
  await vi.waitFor(async () => {
    const state = (await house.documents<JobState>('jobStates')).find(({ id }) => id === jobId)
    expect(state).toMatchObject({ state: 'done', accepted: 5, failed: 0 })
    expect((await runOf(jobId))?.state).toBe('done')
  }, patience)
  const run = await runOf(jobId)
  for (const frame of renderedBefore) expect([frame, run?.frames[frame]?.renders]).toEqual([frame, 1])
  const entries = (await house.documents<Earning>('earnings')).filter((entry) => entry.jobId === jobId)
  expect(entries.map(({ frames }) => frames)).toEqual([5])
  expect((await house.documents<Run>('runs')).filter((one) => one.jobId === jobId)).toHaveLength(1)
}

function overwrite(path: string, from: number, bytes: number): void {
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(bytes, 0xa5), 0, bytes, from)
  closeSync(file)
}
/** Whatever a page holds, after these it is none. */
const spoilPages = (path: string, fromPage: number) =>
  overwrite(path, fromPage * 8_192, Math.max(0, statSync(path).size - fromPage * 8_192))

test('header and log destroyed between two starts, with the line cut: pictures on the disk are delivered and paid, nothing is rendered twice', async () => {
  const jobId = await submit()
  const run = await untilPictures(jobId, 1)
  await house.gateway().kill()
  const known = picturesOf(run).length
  await vi.waitFor(() => expect(picturesOf(run).length).toBeGreaterThanOrEqual(known + 2), patience)
  const rendered = picturesOf(run)
  await runtime.kill()
  overwrite(documents(), 0, 100)
  truncateSync(`${documents()}-wal`)
  runtime = await house.startRuntime('node', null)
  expect(runtime.value['nodeId']).toBe(nodeId)
  await house.restartGateway()
  await expectPaidOnce(jobId, rendered)
  await vi.waitFor(async () => expect((await node())?.repairs?.[0]).toMatchObject({ what: 'documents', state: 'done' }), patience)
  const [repair] = (await node())?.repairs ?? []
  expect(repair?.frames).toBeGreaterThanOrEqual(1)
  expect(readdirSync(join(world(), 'damaged'))).toContain(repair?.keptAs)
  expect((await node())?.holds).toEqual([])
}, 240_000)

test('damage met while a task is rendered ends the process, and the next one goes on at the next frame', async () => {
  // Nothing is cached of what a process has not read yet, and everything is in the file after an orderly end.
  await runtime.stop()
  runtime = await house.startRuntime('node', null)
  const jobId = await submit()
  const run = await untilPictures(jobId, 2)
  const rendered = picturesOf(run)
  const ended = once(runtime.child, 'exit')
  spoilPages(documents(), 1)
  // Earnings of today: read when somebody looks.
  void runtime.ask('node.look', {})
  const [code] = (await ended) as [number | null]
  expect(code).toBe(1)
  runtime = await house.startRuntime('node', null)
  await expectPaidOnce(jobId, rendered)
  expect((await node())?.repairs?.filter(({ what }) => what === 'documents')).toHaveLength(2)
}, 240_000)

test('file and log destroyed under the running process, then the power goes: what it still wrote is found on the disk', async () => {
  const jobId = await submit()
  const run = await untilPictures(jobId, 1)
  spoilPages(documents(), 1)
  if (existsSync(`${documents()}-wal`)) spoilPages(`${documents()}-wal`, 0)
  const known = picturesOf(run).length
  await vi.waitFor(() => expect(picturesOf(run).length > known || runtime.child.exitCode !== null).toBe(true), patience)
  await runtime.kill()
  const rendered = picturesOf(run)
  runtime = await house.startRuntime('node', null)
  await expectPaidOnce(jobId, rendered)
}, 240_000)

test('the log alone is destroyed: what it held is found on the disk or at the server', async () => {
  const jobId = await submit()
  const run = await untilPictures(jobId, 2)
  const rendered = picturesOf(run)
  await runtime.kill()
  if (existsSync(`${documents()}-wal`)) overwrite(`${documents()}-wal`, 0, statSync(`${documents()}-wal`).size)
  runtime = await house.startRuntime('node', null)
  await expectPaidOnce(jobId, rendered)
}, 240_000)

test('a page in the middle, and what the computer keeps for itself: it stays the same node, of the same owner', async () => {
  const jobId = await submit()
  const run = await untilPictures(jobId, 1)
  const rendered = picturesOf(run)
  await runtime.stop()
  overwrite(documents(), Math.floor(statSync(documents()).size / 8_192 / 2) * 8_192, 8_192)
  for (const folder of [join(house.folder, 'node'), world()]) overwrite(join(folder, 'local.sqlite'), 0, 100)
  runtime = await house.startRuntime('node', null)
  expect(runtime.value).toMatchObject({ nodeId, ownerId: expect.any(String) as string })
  await expectPaidOnce(jobId, rendered)
  await vi.waitFor(
    async () =>
      expect(
        (await node())?.repairs
          ?.slice(0, 3)
          .map(({ what }) => what)
          .sort(),
      ).toEqual(['documents', 'local', 'settings']),
    patience,
  )
  expect((await house.documents<NodeDocument>('nodes')).length).toBe(1)
}, 240_000)
