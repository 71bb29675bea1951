import type { Job } from '#shared/collections/job.schema.ts'
import type { Worker } from '#shared/collections/worker.schema.ts'
import { stampFields } from '#shared/rules/fieldMerge.ts'
import { editStore } from '../support/editStore.ts'
import { startFarm, type Farm } from '../support/farm.ts'
import { openLine, type Line } from '../support/line.ts'
import { openReplica, type Replica } from '../support/replica.ts'
import { readStoreContents } from '../support/storeContents.ts'
import { expect, test as base } from '../support/test.ts'
import { waitFor } from '../support/waitFor.ts'

/**
 * What RxDB's own replication with CouchDB fails at, against ours: a real gateway with its store, and RxDB on disk as its client, with a line between
 * them that can be disturbed.
 */
const test = base.extend<{ farm: Farm; line: Line; replica: Replica }>({
  farm: async ({ computer }, use) => use(await startFarm(computer, { withWorker: false })),
  line: async ({ farm }, use) => {
    const line = await openLine(() => farm.url)
    await use(line)
    await line.close()
  },
  replica: async ({ computer, farm, line }, use) => {
    const replica = await openReplica(computer.folder('replica'), line.url, farm.ownerToken)
    await use(replica)
    await replica.stop()
  },
})

test('a 401 in the middle: pull and push go on by themselves', async ({ farm, line, replica }) => {
  line.decide((path) => (path.startsWith('/sync/live') ? 'refuse401' : 'pass'))
  line.cut()
  await waitFor('the refusal', () => line.disturbed() > 0)
  await expect.poll(() => replica.client.state().name).not.toBe('live')
  // What changes on both sides meanwhile.
  const theirs = await addJob(farm, 'theirs')
  const ours = await insertJob(farm, replica, 'ours')
  line.decide(() => 'pass')
  await waitFor('what came meanwhile', async () => (await replica.collections.jobs.findOne(theirs).exec()) !== null)
  await waitFor('what was written meanwhile', async () => (await jobs(farm)).some(({ id }) => id === ours))
  // And live again, not once only.
  const later = await addJob(farm, 'later')
  await waitFor('what comes later', async () => (await replica.collections.jobs.findOne(later).exec()) !== null)
})

test('deleted there while it was edited here: it stays deleted, both sides agree, nothing is lost unseen', async ({
  farm,
  line,
  replica,
}) => {
  const jobId = await addJob(farm, 'to be deleted')
  await waitFor(
    'both documents',
    async () => (await replica.collections.jobs.findOne(jobId).exec()) !== null && (await here(replica)) !== null,
  )
  await disconnect(line, replica)
  const workerBefore = await there(farm)
  const job = (await jobs(farm)).find(({ id }) => id === jobId)
  if (job === undefined) throw new Error('no job')
  // There: deleted, as this product deletes. Here: edited at the same time, not knowing of it.
  const now = Date.now()
  await push(farm, 'workers', workerBefore, stampFields(workerBefore, { deletedAt: now }, Date, 'elsewhere'))
  await push(farm, 'jobs', job, { ...job, deletedAt: now, updatedAt: now })
  const worker = (await replica.collections.workers.findOne(farm.nodeId).exec())?.toMutableJSON()
  if (worker === undefined) throw new Error('no worker')
  await replica.collections.workers.upsert(stampFields(worker, { name: 'edited offline' }, Date, 'here'))
  await replica.collections.jobs.upsert({ ...job, name: 'edited offline', updatedAt: now + 1 })
  await reconnect(line, replica)
  // Fields merge: deleted stays deleted, and the edit is not lost with it. A job goes back to what the server has.
  await expect.poll(async () => (await here(replica))?.deletedAt).toBe(now)
  await expect.poll(async () => (await replica.collections.jobs.findOne(jobId).exec())?.toMutableJSON().deletedAt).toBe(now)
  await replica.settled()
  await farm.server.stop()
  const { jobs: stored, workers } = await readStoreContents(farm.serverData)
  expect(stored.find(({ id }) => id === jobId)).toMatchObject({ deletedAt: now, name: 'to be deleted' })
  expect(workers.find(({ id }) => id === farm.nodeId)).toMatchObject({ deletedAt: now, name: 'edited offline' })
})

test('one refused document: it is set aside with its reason and goes back, and every later one leaves', async ({ farm, replica }) => {
  const before = await here(replica)
  if (before === null) throw new Error('no worker')
  const edited = await insertJob(farm, replica, 'before it')
  // Of another owner: this server will never take it.
  await replica.collections.workers.upsert({ ...before, name: 'of somebody else', ownerId: 'owner-somebody-else' })
  const invalid = await insertJob(farm, replica, 'frames that are none', { kind: 'something' as Job['kind'] })
  const later = [await insertJob(farm, replica, 'after it 1'), await insertJob(farm, replica, 'after it 2')]
  await waitFor('every good one at the server', async () => {
    const ids = (await jobs(farm)).map(({ id }) => id)
    return [edited, ...later].every((id) => ids.includes(id))
  })
  await waitFor('both refusals', () => replica.refused().length === 2)
  expect(
    replica
      .refused()
      .map(({ documentId, error }) => [documentId, error.code])
      .sort(),
  ).toEqual(
    [
      [farm.nodeId, 'DOCUMENT_FORBIDDEN'],
      [invalid, 'DOCUMENT_INVALID'],
    ].sort(),
  )
  await expect.poll(async () => await here(replica)).toEqual(before)
  await expect.poll(() => replica.collections.jobs.findOne(invalid).exec()).toBeNull()
  await replica.settled()
  await farm.server.stop()
  const stored = await readStoreContents(farm.serverData)
  expect(stored.jobs.map(({ name }) => name).sort()).toEqual(['after it 1', 'after it 2', 'before it'])
  expect(stored.workers.map(({ name }) => name)).toEqual([before.name])
})

test('design documents in the store never arrive as data', async ({ computer, farm, line, replica }) => {
  const jobId = await addJob(farm, 'data')
  await waitFor('data', async () => (await replica.collections.jobs.findOne(jobId).exec()) !== null)
  await editStore(farm, '-jobs', (database) =>
    database.put({ _id: '_design/reports', views: { all: { map: 'function (doc) { emit(doc._id) }' } } }),
  )
  const later = await addJob(farm, 'later data')
  await waitFor('what came after it', async () => (await replica.collections.jobs.findOne(later).exec()) !== null)
  // Live, and from the beginning by a new client.
  expect(await idsOf(replica)).toEqual([jobId, later].sort())
  await replica.stop()
  const fresh = await openReplica(computer.folder('fresh'), line.url, farm.ownerToken)
  expect(await idsOf(fresh)).toEqual([jobId, later].sort())
  expect(fresh.refused()).toEqual([])
  await fresh.stop()
})

test('the first live streams fail: nothing of what changed meanwhile is lost', async ({ computer, farm, line }) => {
  const [first] = [await addJob(farm, 'before')]
  let streams = 0
  // The very first connections are cut, in different ways, each while something changes.
  const fates = ['cut', 'refuse401', 'cut'] as const
  line.decide((path) => (path.startsWith('/sync/live') ? (fates[streams++] ?? 'pass') : 'pass'))
  const opening = openReplica(computer.folder('replica-late'), line.url, farm.ownerToken)
  const meanwhile: string[] = []
  for (let change = 1; change <= fates.length; change += 1) {
    await waitFor(`failure ${change}`, () => streams >= change)
    meanwhile.push(await addJob(farm, `meanwhile ${change}`))
  }
  const replica = await opening
  // And once more after the first pull: the stream dies, something changes, and the next one fails as well.
  streams = 0
  line.cut()
  await waitFor('the failure', () => streams > 1)
  meanwhile.push(await addJob(farm, 'after the first pull'))
  const all = [first, ...meanwhile].sort()
  await expect.poll(() => idsOf(replica), { timeout: 60_000 }).toEqual(all)
  await replica.stop()
})

test('what CouchDB deleted for good is forgotten here, whoever asks, and fails no validation', async ({
  computer,
  farm,
  line,
  replica,
}) => {
  const [gone, stays] = [await addJob(farm, 'goes'), await addJob(farm, 'stays')]
  await waitFor('both', async () => (await replica.collections.jobs.find().exec()).length === 2)
  await editStore(farm, '-jobs', (database) => database.remove(gone))
  const later = await addJob(farm, 'later')
  await waitFor('what came after it', async () => (await replica.collections.jobs.findOne(later).exec()) !== null)
  await expect.poll(() => idsOf(replica)).toEqual([stays, later].sort())
  expect(replica.refused()).toEqual([])
  await replica.stop()
  const fresh = await openReplica(computer.folder('fresh'), line.url, farm.ownerToken)
  expect(await idsOf(fresh)).toEqual([stays, later].sort())
  // A worker that is gone for good, edited here meanwhile: not brought back, and the edit is kept with the reason.
  await disconnect(line, fresh)
  await editStore(farm, '-workers', (database) => database.remove(farm.nodeId))
  const worker = await here(fresh)
  if (worker === null) throw new Error('no worker')
  await fresh.collections.workers.upsert(stampFields(worker, { name: 'edited offline' }, Date, 'here'))
  await reconnect(line, fresh)
  await expect.poll(() => here(fresh)).toBeNull()
  expect(await farm.owner().documents('workers')).toEqual([])
  expect(fresh.refused()).toMatchObject([{ documentId: farm.nodeId, document: { name: 'edited offline' } }])
  await fresh.stop()
})

const jobs = (farm: Farm) => farm.owner().documents('jobs')
const idsOf = async (replica: Replica) => (await replica.collections.jobs.find().exec()).map(({ id }) => id).sort()
const here = async (replica: Replica): Promise<Worker | null> =>
  (await replica.collections.workers.find().exec())[0]?.toMutableJSON() ?? null

async function there(farm: Farm): Promise<Worker> {
  const [worker] = await farm.owner().documents('workers')
  if (worker === undefined) throw new Error('no worker')
  return worker
}

/** A job written by another client of the owner. */
async function addJob(farm: Farm, name: string): Promise<string> {
  return (await farm.owner().call('jobs.submit', { job: farm.jobOf({ name }) })).jobId
}

/** A job written here, to be sent by the replication. */
async function insertJob(farm: Farm, replica: Replica, name: string, changes: Partial<Job> = {}): Promise<string> {
  const job = farm.jobOf({ name, ...changes })
  await replica.collections.jobs.insert(job)
  return job.id
}

async function push(farm: Farm, collection: string, assumed: object, document: object): Promise<void> {
  const answer = await farm.owner().request('/sync/push', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ collection, rows: [{ assumed, document }] }),
  })
  expect(await answer.json()).toEqual({ ok: true, value: { conflicts: [], refusals: [] } })
}

async function disconnect(line: Line, replica: Replica): Promise<void> {
  line.decide(() => 'cut')
  line.cut()
  await expect.poll(() => replica.client.state().name).not.toBe('live')
}

async function reconnect(line: Line, replica: Replica): Promise<void> {
  line.decide(() => 'pass')
  replica.client.wake()
  await replica.settled()
}
