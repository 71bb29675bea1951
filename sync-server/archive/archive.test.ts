import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CollectionName } from '#shared/collections/collections.ts'
import type { Job } from '#shared/collections/job.schema.ts'
import type { JsonObject } from '#shared/json.ts'
import type { Result } from '#shared/result.ts'
import { archiveCutoff, isOld } from '#shared/rules/retention.ts'
import type { PullReply, PushReply } from '#shared/sync/protocol.ts'
import { dashboardWindows } from '#shared/sync/windows.ts'
import { backupServer, restoreServer, seedServer } from '../entry.ts'
import type { GatewayContext } from '../gatewayContext.ts'
import type { Chunk } from '../jobs/chunk.ts'
import { chunkIdsOf } from '../jobs/splitJob.ts'
import type { ProjectionStore } from '../projection/projection.ts'
import { gatewayServices } from '../services.ts'
import type { CouchDocumentStore } from '../store/couchDocumentStore.ts'
import { sampleDocuments } from '../testing/sampleDocuments.ts'
import { deleteDatabases, startTestGateway, type TestGateway } from '../testing/startTestGateway.ts'
import { forkStore } from '../testing/forkStore.ts'
import { quietLog, realClock, temporaryFolder } from '../testing/testTools.ts'
import { archiveFacts } from './archiveProjector.ts'
import { archiveOnce } from './archiveOnce.ts'

/** A farm whose history goes back further than what is put away. */
const folder = temporaryFolder()
const couchUrl = process.env['COUCHDB_URL'] ?? null
const couchPrefix = `pt${Math.random().toString(36).slice(2, 10)}-`
const dataFolder = join(folder.path, 'gateway')
const maintenance = { dataFolder, couchUrl, couchPrefix, startStore: forkStore, log: quietLog, clock: realClock }
const paged = ['tasks', 'runs', 'notices', 'jobs', 'jobStates', 'earnings'] as const
type Paged = (typeof paged)[number]

let at: TestGateway
let context: GatewayContext
let token: string
let ownerId: string
let customerId: string
let before: Record<Paged, string[]>
let sums: string

const store = () => context.store as CouchDocumentStore
const projection = () => context.projection as ProjectionStore
const keep = (given: GatewayContext) => {
  context = given
  return { name: 'keep', start: async () => undefined, stop: async () => undefined }
}

beforeAll(async () => {
  const seeded = await seedServer(maintenance, {
    ...{ workers: 8, tasks: 360, days: 260, seed: 9, owner: 'Ada', password: 'correct horse', intoExisting: false },
  })
  if (!seeded.ok) throw new Error(seeded.error.message)
  ;({ ownerId } = seeded.value)
  at = await startTestGateway({ dataFolder, couchPrefix, services: [keep, ...gatewayServices] })
  const body = { name: 'Ada', password: 'correct horse', wantToken: true }
  ;({ token } = (await at.request<{ token: string }>('POST', '/api/session/password', { body })).body)
  customerId = (await store().owners()).find((id) => id !== ownerId) ?? ''
  before = await everything()
  sums = await totals()
}, 120_000)
afterAll(async () => {
  await at.remove()
  if (couchUrl !== null) await deleteDatabases(couchUrl, couchPrefix)
  folder.remove()
})

/** Every document of a collection as a dashboard is given it page by page, as text, in order. */
async function pages(collection: Paged): Promise<string[]> {
  const found: string[] = []
  for (let place: { at: number; id: string } | undefined; ;) {
    const page = await at.call('documents.page', { collection, ...(place ? { before: place } : {}), limit: 170 }, token)
    found.push(...page.documents.map((document) => JSON.stringify(document)))
    const last = page.documents.at(-1) as (JsonObject & { id: string }) | undefined
    if (!page.more || !last) return found
    place = { at: dashboardWindows[collection]?.timeOf(last) ?? 0, id: last.id }
  }
}
async function everything(): Promise<Record<Paged, string[]>> {
  const found = {} as Record<Paged, string[]>
  for (const collection of paged) found[collection] = await pages(collection)
  return found
}
/** What is summed up from documents of which many are put away. */
async function totals(): Promise<string> {
  const rows = projection().database.prepare('SELECT * FROM rollup_totals ORDER BY who, day, hour').all()
  return JSON.stringify([rows, await at.call('earnings.totals', {}, token)])
}
const live = (collection: CollectionName | 'chunks', owner: string | null = ownerId): number => {
  const row = projection()
    .database.prepare(
      `SELECT count(*) AS n FROM documents JOIN stores ON number = store
       WHERE coalesce(owner_id, '') = ? AND collection = ? AND deleted = 0`,
    )
    .get(owner ?? '', collection)
  return Number(row?.['n'])
}
const bodyOf = (text: string) => JSON.parse(text) as JsonObject & { id: string }
const archiveAll = async (nowMs = Date.now(), documents = 300) => {
  for (let rounds = 0; rounds < 100; rounds += 1)
    if (!(await archiveOnce({ store: store(), projection: projection(), nowMs }, documents)).more) return
  throw new Error('it never ends')
}
class Killed extends Error {}

test('the gateway is cut off before and after each write of putting away: nothing is lost, doubled or summed up twice', async () => {
  const jobsBefore = live('jobs', customerId)
  // Small runs, so that there are many moments to be cut off at.
  for (let writes = 1; writes <= 14; writes += 1)
    for (const when of ['before', 'after'] as const) {
      let left = writes
      const cut =
        <Arguments extends unknown[], Value>(work: (...given: Arguments) => Promise<Value>) =>
        async (...given: Arguments): Promise<Value> => {
          left -= 1
          if (left === 0 && when === 'before') throw new Killed()
          const value = await work(...given)
          if (left === 0) throw new Killed()
          return value
        }
      const real = store()
      const doomed: CouchDocumentStore = {
        ...real,
        writePrivate: (database, rows) => cut(() => real.writePrivate(database, rows))(),
        remove: cut((...given: Parameters<CouchDocumentStore['remove']>) => real.remove(...given)),
      }
      await archiveOnce({ store: doomed, projection: projection(), nowMs: Date.now() }, 60).catch((thrown: unknown) => {
        if (!(thrown instanceof Killed)) throw thrown
      })
      expect(await everything()).toEqual(before)
      expect(await totals()).toBe(sums)
      // A new start of the gateway, sometimes with nothing but the store's own documents.
      if (writes % 7 === 0)
        await at.restart(() => (when === 'after' ? rmSync(join(dataFolder, 'projection'), { recursive: true }) : undefined))
      expect(await totals()).toBe(sums)
    }
  // Jobs were cut off too, not only what is put away by itself.
  expect(live('jobs', customerId)).toBeLessThan(jobsBefore)
}, 240_000)

test('what is old has left the live store, every page still shows it, and sums are what they were', async () => {
  await archiveAll()
  expect(await everything()).toEqual(before)
  expect(await totals()).toBe(sums)
  const old = (collection: Paged) => before[collection].map(bodyOf).filter((document) => isOld(collection, document, Date.now())).length
  for (const collection of ['tasks', 'runs'] as const) {
    expect(old(collection)).toBeGreaterThan(100)
    expect(live(collection)).toBe(before[collection].length - old(collection))
  }
  // The ledger stays whole where it is.
  expect(live('earnings')).toBe(before.earnings.length)
  expect(archiveFacts(projection().database).documents).toBeGreaterThan(400)
  expect((await at.call('server.status', {}, token)).archive?.documents).toBe(archiveFacts(projection().database).documents)
  // Nothing is put away twice.
  expect(await archiveOnce({ store: store(), projection: projection(), nowMs: Date.now() })).toEqual({ archived: 0, more: false })
})

test('jobs go with their chunks and states, and their pictures are found', async () => {
  expect(live('jobStates', customerId)).toBe(live('jobs', customerId))
  const jobs: Job[] = []
  await store().scan(customerId, 'jobs', (page) => void jobs.push(...page.map(({ document }) => document)))
  // Chunks of no other job than those that are here.
  const ids = new Set(jobs.flatMap(chunkIdsOf))
  let chunks = 0
  await store().scanPrivate<Chunk>('chunks', (page) => {
    for (const { document } of page) if (document.jobOwnerId === customerId) expect(ids.has(document.id)).toBe(true)
    chunks += page.length
  })
  expect(chunks).toBeGreaterThan(0)
  const index = projection().database.prepare('SELECT count(*) AS n FROM job_index WHERE wanted IS NULL OR state IS NULL').get()
  expect(index?.['n']).toBe(0)
})

test('a projection that is built anew from the store is equal, archive and totals too', async () => {
  // What a gateway notes of itself, its clock for one, is another at each start.
  const digest = () => projection().digest(['server'])
  const kept = digest()
  await at.restart(() => rmSync(join(dataFolder, 'projection'), { recursive: true }))
  expect(digest()).toBe(kept)
  expect(await everything()).toEqual(before)
})

test('a client that was away is told of no removal, and cannot bring back what was put away', async () => {
  const archived = before.tasks.map(bodyOf).filter((task) => isOld('tasks', task, Date.now()))
  const [pulled] = [
    await at.request<Result<PullReply>>('POST', '/sync/pull', { token, body: { collection: 'tasks', checkpoint: null, limit: 2_000 } }),
  ]
  const documents = pulled.body.ok ? pulled.body.value.documents : []
  expect(documents.filter((document) => document['_deleted'] === true)).toEqual([])
  expect(documents).toHaveLength(before.tasks.length - archived.length)
  // A place in CouchDB's own feed, as a client has it that comes from another gateway.
  const { checkpoint } = pulled.body.ok ? pulled.body.value : { checkpoint: null }
  const elsewhere = { epoch: checkpoint?.['epoch'] ?? null, seq: '0', log: null, at: 0 }
  const fromFeed = await at.request<Result<PullReply>>('POST', '/sync/pull', {
    token,
    body: { collection: 'tasks', checkpoint: elsewhere, limit: 2_000 },
  })
  expect(fromFeed.body.ok && fromFeed.body.value.documents.filter((document) => document['_deleted'] === true)).toEqual([])

  const node = await at.enrolNode(ownerId, 'back again')
  const { nodeId } = node
  const nodeToken = (await node.signIn()).body.token
  const run = { ...sampleDocuments(ownerId, nodeId, 'away').runs, state: 'done' as const, createdAt: 5, updatedAt: 6, finishedAt: 6 }
  const push = async (document: object) => {
    const body = { collection: 'runs', rows: [{ assumed: null, document }] }
    return (await at.request<Result<PushReply>>('POST', '/sync/push', { token: nodeToken, body })).body
  }
  expect(await push(run)).toMatchObject({ ok: true, value: { refusals: [] } })
  await archiveAll()
  expect(await store().read(ownerId, 'runs', run.id)).toBeNull()
  const late = await push({ ...run, updatedAt: 7 })
  expect(late).toMatchObject({
    ok: true,
    value: { conflicts: [], refusals: [{ id: run.id, current: null, error: { code: 'DOCUMENT_ARCHIVED' } }] },
  })
  expect(await store().read(ownerId, 'runs', run.id)).toBeNull()
})

test('a job that its creator asks for again stays', async () => {
  const made = sampleDocuments(ownerId, 'node-x', 'again')
  const handled = { wanted: 'cancelled', retryGeneration: 0, split: false, receivedAt: 1 }
  const state = { ...made.jobStates, id: made.jobs.id, state: 'cancelled' as const, updatedAt: 5, finishedAt: 5, handled }
  await store().write(ownerId, 'jobStates', [{ document: state, rev: null }])
  await store().write(ownerId, 'jobs', [{ document: { ...made.jobs, createdAt: 4, wanted: 'paused', retryGeneration: 1 }, rev: null }])
  await archiveAll()
  expect(await store().read(ownerId, 'jobs', made.jobs.id)).not.toBeNull()
})

test('a backup holds the archive, and a restored server shows all of it', async () => {
  // Jobs that still go on are looked at by a server that starts.
  const past = async () =>
    Object.entries(await everything()).map(([name, texts]) => [name, texts.filter((text) => !text.includes('job-again'))])
  const expected = await past()
  const facts = archiveFacts(projection().database)
  const backup = join(folder.path, 'backup')
  await at.stop()
  const saved = await backupServer(maintenance, backup)
  expect(saved).toMatchObject({ ok: true })
  const restoredPrefix = `${couchPrefix}r-`
  const elsewhere = join(folder.path, 'restored')
  const restored = await restoreServer({ ...maintenance, dataFolder: elsewhere, couchPrefix: restoredPrefix }, backup)
  expect(restored).toMatchObject({ ok: true })
  const first = at
  at = await startTestGateway({ dataFolder: elsewhere, couchPrefix: restoredPrefix, services: [keep, ...gatewayServices] })
  try {
    const body = { name: 'Ada', password: 'correct horse', wantToken: true }
    ;({ token } = (await at.request<{ token: string }>('POST', '/api/session/password', { body })).body)
    expect(await past()).toEqual(expected)
    expect(archiveFacts(projection().database)).toEqual(facts)
  } finally {
    await at.remove()
    at = first
  }
})

test('months are put away whole', () => {
  const cutoff = new Date(archiveCutoff(Date.UTC(2026, 10, 27, 4)))
  expect(cutoff.toISOString()).toBe('2026-08-01T00:00:00.000Z')
})
