import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import type { JobState } from '#shared/collections/job.schema.ts'
import { archiveCutoff } from '#shared/rules/retention.ts'
import { evictOld, keepEvicting, type LocalCollections } from '#shared/sync/evictOld.ts'
import { viewOf } from '../database/documents.ts'
import { getRxStorageNodeSqlite } from '../storage/sqlite/index.ts'
import { asWire, makeJob, makeRun } from '../testing/documents.ts'
import { startFakeGateway } from '../testing/fakeGateway.ts'
import { manualClock } from '../testing/manualClock.ts'
import { quietLog } from '../testing/quietLog.ts'
import { startRuntimeParts, type RuntimeParts } from '../testing/startRuntimeParts.ts'

const stops: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})
const waitFor = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 30_000, interval: 20 })
const collectionsOf = (parts: RuntimeParts): LocalCollections => parts.database.collections

const nowMs = Date.now()
const oldMs = archiveCutoff(nowMs) - 86_400_000
const oldRun = (id: string, change = {}) =>
  makeRun(id, { state: 'done', createdAt: oldMs - 1_000, finishedAt: oldMs, updatedAt: oldMs, ...change })
const oldState = (id: string, change: Partial<JobState> = {}): JobState => ({
  ...{
    id,
    ownerId: 'owner-1',
    updatedAt: oldMs,
    state: 'done',
    total: 1,
    accepted: 1,
    failed: 0,
    frames: {},
    costMicro: 0,
    finishedAt: oldMs,
  },
  ...change,
})

async function runtimeOn(folder: string, serverUrl: string): Promise<RuntimeParts> {
  const storage = getRxStorageNodeSqlite({ databasePath: join(folder, 'documents.sqlite') })
  return startRuntimeParts({ serverUrl, folder, storage, ownerToken: 'owner' })
}

it('forgets what is old without telling anybody, keeps what goes on, and it does not come back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pictor-evict-'))
  stops.push(() => rmSync(folder, { recursive: true, force: true }))
  const gateway = await startFakeGateway()
  stops.push(() => gateway.stop())
  for (let n = 0; n < 1_200; n += 1) gateway.put('runs', asWire(oldRun(`old-${n}`, { createdAt: oldMs - n })))
  gateway.put('runs', asWire(oldRun('still-uploading', { state: 'uploading' })))
  gateway.put('runs', asWire(oldRun('new', { finishedAt: nowMs, updatedAt: nowMs })))
  for (const id of ['job-old', 'job-asked-again']) gateway.put('jobStates', asWire(oldState(id)))
  gateway.put('jobStates', asWire(oldState('job-touched-since', { updatedAt: nowMs })))
  gateway.put('jobStates', asWire(oldState('job-new', { finishedAt: nowMs, updatedAt: nowMs })))
  gateway.put('jobStates', asWire(oldState('job-going-on', { state: 'rendering' })))
  gateway.put('jobs', asWire(makeJob('job-old')))
  gateway.put('jobs', asWire(makeJob('job-asked-again', { retryGeneration: 1, updatedAt: nowMs })))
  const atGateway = () => [gateway.count('runs'), gateway.count('jobs'), gateway.count('jobStates')]
  const before = atGateway()

  let parts = await runtimeOn(folder, gateway.url)
  const held = async () => ({
    runs: (await viewOf(parts.database.collections, 'runs').all()).map(({ id }) => id).sort(),
    jobs: (await viewOf(parts.database.collections, 'jobs').all()).map(({ id }) => id),
    states: (await viewOf(parts.database.collections, 'jobStates').all()).map(({ id }) => id).sort(),
  })
  await waitFor(() => expect(parts.uplink.status()).toMatchObject({ state: 'live', documentsWaiting: 0 }))
  expect((await held()).runs).toHaveLength(1_202)
  expect(await evictOld(collectionsOf(parts), nowMs)).toBe(1_202)
  const kept = { runs: ['new', 'still-uploading'], jobs: ['job-asked-again'], states: ['job-asked-again', 'job-going-on', 'job-new'] }
  expect(await held()).toEqual(kept)
  // The line carried the removals: what waits is counted down, and the gateway has everything as it was.
  await waitFor(() => expect(parts.uplink.status().documentsWaiting).toBe(0))
  expect(atGateway()).toEqual(before)
  expect(gateway.get('runs', 'old-7')).toEqual(oldRun('old-7', { createdAt: oldMs - 7 }))

  await parts.stop()
  parts = await runtimeOn(folder, gateway.url)
  stops.push(() => parts.stop())
  await waitFor(() => expect(parts.uplink.status()).toMatchObject({ state: 'live', documentsWaiting: 0 }))
  gateway.put('runs', asWire(makeRun('after')))
  await waitFor(async () => expect((await held()).runs).toEqual(['after', ...kept.runs]))
  expect(atGateway()).toEqual([(before[0] ?? 0) + 1, ...before.slice(1)])
  expect(await evictOld(collectionsOf(parts), nowMs)).toBe(0)
}, 60_000)

it('what the server has put away meanwhile is forgotten when it is sent, and nobody is bothered with it', async () => {
  const gateway = await startFakeGateway()
  stops.push(() => gateway.stop())
  for (const id of ['away', 'unfinished']) gateway.put('runs', asWire(makeRun(id)))
  const parts = await startRuntimeParts({ serverUrl: gateway.url })
  stops.push(() => parts.stop())
  const runs = viewOf(parts.database.collections, 'runs')
  await waitFor(async () => expect(await runs.all()).toHaveLength(2))
  for (const id of ['away', 'unfinished']) gateway.archive('runs', id)
  await runs.put(oldRun('away'))
  await runs.put(makeRun('unfinished', { state: 'rendering', updatedAt: 2 }))
  await waitFor(async () => expect(await runs.all()).toEqual([]))
  expect(gateway.get('runs', 'away')).toBeUndefined()
  // One that goes on here although it is over for the server is a contradiction that somebody should see.
  await waitFor(() =>
    expect(parts.refused.list().map(({ documentId, error }) => [documentId, error.code])).toEqual([['unfinished', 'DOCUMENT_ARCHIVED']]),
  )
})

it('waits until nothing waits to be sent', async () => {
  const parts = await startRuntimeParts({ serverUrl: 'http://127.0.0.1:9' })
  stops.push(() => parts.stop())
  const runs = viewOf(parts.database.collections, 'runs')
  await runs.put(oldRun('never-sent'))
  const clock = manualClock(nowMs)
  const asked: boolean[] = []
  const isIdle = () => {
    asked.push(parts.uplink.status().documentsWaiting === 0)
    return asked.at(-1) === true
  }
  stops.push(keepEvicting({ collections: collectionsOf(parts), clock, now: () => nowMs, isIdle, log: quietLog }))
  clock.advance(24 * 3_600_000)
  expect(asked.length).toBeGreaterThan(3)
  expect(asked).not.toContain(true)
  expect(await runs.get('never-sent')).not.toBeNull()
})
