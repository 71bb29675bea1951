import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CollectionName } from '#shared/collections/collections.ts'
import type { JsonObject } from '#shared/json.ts'
import { createRandom } from '#shared/seededRandom.ts'
import { seedServer } from '../entry.ts'
import type { Chunk } from '../jobs/chunk.ts'
import type { OpenedStore } from '../store/openStore.ts'
import { taskProjectors } from '../taskServices.ts'
import { forkArchiver } from '../testing/forkArchiver.ts'
import { deleteDatabases } from '../testing/startTestGateway.ts'
import { startTestStore, urlWithCredentials, type TestStore } from '../testing/startTestStore.ts'
import { forkStore } from '../testing/forkStore.ts'
import { quietLog, realClock } from '../testing/testTools.ts'
import { archivedRows, archiveFacts, archiveProjector } from './archiveProjector.ts'
import { createArchiveReader } from './archiveReader.ts'

/**
 * Two processes put away one farm at once, without waiting for each other, and both are ended by SIGKILL again and again in the middle of it. More
 * kills than in every run of the tests: ARCHIVE_KILLS=60.
 */
const kills = Number(process.env['ARCHIVE_KILLS'] ?? 4)
const seed = Number(process.env['ARCHIVE_SEED'] ?? 1)
const collections = ['tasks', 'runs', 'notices', 'jobs', 'jobStates', 'earnings'] as const satisfies readonly CollectionName[]

let at: TestStore
beforeAll(async () => {
  at = await startTestStore()
  const seeded = await seedServer(
    {
      ...{ dataFolder: join(at.folder, 'seeding'), couchUrl: urlWithCredentials(at.target()), couchPrefix: at.prefix },
      ...{ startStore: forkStore, log: quietLog, clock: realClock },
    },
    { workers: 8, tasks: 400, days: 300, seed, owner: 'Ada', password: 'correct horse', intoExisting: false },
  )
  if (!seeded.ok) throw new Error(seeded.error.message)
}, 120_000)
afterAll(async () => {
  await deleteDatabases(urlWithCredentials(at.target()), at.prefix)
  await at.remove()
})

/** A gateway's view of everything, from the store alone: id → text, of what is live and what is archived. */
async function lookAt(opened: OpenedStore): Promise<{ live: Map<string, string>; archived: Map<string, string> }> {
  const { store, projection } = opened
  const reader = createArchiveReader(store, projection.database)
  const live = new Map<string, string>()
  const archived = new Map<string, string>()
  const put = (into: Map<string, string>, name: string, document: JsonObject) => {
    expect(into.has(name)).toBe(false)
    into.set(name, JSON.stringify(document))
  }
  for (const ownerId of await store.owners())
    for (const collection of collections) {
      const name = (id: string) => `${ownerId} ${collection} ${id}`
      await store.scan(ownerId, collection, (page) => {
        for (const { document } of page) put(live, name(document.id), document as unknown as JsonObject)
      })
      for (const { id, body } of await reader.newestPage(
        ownerId,
        collection,
        { beforeAt: Infinity, beforeId: '' },
        { rows: 100_000, characters: Infinity },
      ))
        put(archived, name(id), JSON.parse(body) as JsonObject)
    }
  await store.scanPrivate<Chunk>('chunks', (page) => {
    for (const { document } of page) put(live, `chunks ${document.id}`, document)
  })
  return { live, archived }
}
async function openView(name: string): Promise<OpenedStore> {
  const opened = await at.openAnother(name)
  for (const projector of [archiveProjector, ...taskProjectors]) opened.projection.registerProjector(projector)
  await opened.store.openAll()
  return opened
}
const totals = ({ projection: { database } }: OpenedStore) => database.prepare('SELECT * FROM rollup_totals ORDER BY who, day, hour').all()

test('two gateways that put away at once, and are killed in the middle of it, lose nothing and leave nothing twice', async () => {
  const random = createRandom(seed)
  const before = await openView('before')
  const [original, sums] = [await lookAt(before), totals(before)]
  const chunkIds = [...original.live.keys()].flatMap((name) => (name.startsWith('chunks ') ? [name.slice(7)] : []))
  expect(original.archived.size).toBe(0)
  // As a gateway is while others put away: it follows their changes.
  const target = at.target()
  if (target === null) throw new Error('the store is gone')
  const options = (name: string) => ({ target, prefix: at.prefix, folder: join(at.folder, name), documents: 40 })
  let killed = 0
  const archiver = async (name: string) => {
    for (let tries = 0; tries < kills / 2; tries += 1) {
      const outcome = await forkArchiver(options(name), { run: 1 + random.whole(3), afterMs: random.whole(120) })
      if (outcome === null) killed += 1
    }
  }
  await Promise.all([archiver('one'), archiver('two')])
  await Promise.all([forkArchiver(options('one'), null), forkArchiver(options('two'), null)])
  // One of the two may have left what the other one changed under its hands.
  await forkArchiver(options('one'), null)
  expect(await forkArchiver(options('two'), null)).toBe(0)
  expect(killed).toBeGreaterThan(0)

  for (const view of [before, await openView('after')]) {
    for (const ownerId of await view.store.owners()) for (const collection of collections) await view.store.catchUp(ownerId, collection)
    const after = await lookAt(view)
    for (const [name, text] of original.live) {
      if (name.startsWith('chunks ')) continue
      const [isLive, isArchived] = [after.live.has(name), after.archived.has(name)]
      expect([name, isLive || isArchived, isLive && isArchived]).toEqual([name, true, false])
      expect(after.live.get(name) ?? after.archived.get(name)).toBe(text)
    }
    expect(after.archived.size).toBeGreaterThan(100)
    const chunksKept = archivedRows(view.projection.database, null, 'chunks', chunkIds).map(({ id }) => id)
    const chunksLive = chunkIds.filter((id) => after.live.has(`chunks ${id}`))
    expect([...chunksKept, ...chunksLive].toSorted()).toEqual(chunkIds.toSorted())
    expect(chunksKept.length).toBeGreaterThan(0)
    expect(totals(view)).toEqual(sums)
    // What the operator is told counts each once, however often it was written.
    expect(archiveFacts(view.projection.database).documents).toBe(after.archived.size + chunksKept.length)
    await view.stop()
  }
}, 240_000)
