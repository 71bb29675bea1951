import { closeSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { collectionNames, type CollectionName } from '#shared/collections/collections.ts'
import type { GatewayContext } from '../gatewayContext.ts'
import { splitJob } from '../jobs/splitJob.ts'
import { gatewayServices } from '../services.ts'
import { sampleDocuments } from '../testing/sampleDocuments.ts'
import { sampleRun } from '../testing/sampleRun.ts'
import { startTestGateway, type TestGateway } from '../testing/startTestGateway.ts'
import type { ProjectionStore } from './projection.ts'

let at: TestGateway
let context: GatewayContext
const onIndexDamaged = vi.fn()
const onBuilding = vi.fn()
/** What stood when the other services had stopped, and what stood before they began again. */
const digests = { atStop: '', atStart: '' }
beforeAll(async () => {
  const probe = (given: GatewayContext) => {
    context = given
    return {
      name: 'probe',
      start: async () => void (digests.atStart = projection().digest()),
      stop: async () => void (digests.atStop = projection().digest()),
    }
  }
  // First in the list: it starts first and stops last.
  at = await startTestGateway({ services: [probe, ...gatewayServices], onIndexDamaged, onBuilding })
})
afterAll(() => at.remove())

const projection = () => context.projection as ProjectionStore
const count = (table: string) => Number(projection().database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'])

async function writeALot(): Promise<void> {
  for (const owner of ['Ada', 'Bob']) {
    const { ownerId } = await at.addOwner(owner)
    const { nodeId } = await at.enrolNode(ownerId, 'one')
    const documents = sampleDocuments(ownerId, nodeId, owner.toLowerCase())
    const put = async <Name extends CollectionName>(name: Name) =>
      context.store.update(ownerId, name, documents[name].id, () => documents[name])
    for (const name of collectionNames) await put(name)
    const runs = Array.from({ length: 300 }, (_, index) => sampleRun(ownerId, nodeId, index))
    await context.store.write(
      ownerId,
      'runs',
      runs.map((document) => ({ document, rev: null })),
    )
    await context.store.update(ownerId, 'runs', runs[3]?.id ?? '', (current) => current && { ...current, state: 'failed' })
    const job = { ...documents.jobs, frames: Array.from({ length: 40 }, (_, index) => index), chunkSize: 2, wanted: 'run' as const }
    const chunks = [...splitJob(job, { kind: 'blender', blenderVersion: '4.2' }, 1_800_000_000_000)]
    await context.store.writePrivate(
      'chunks',
      chunks.map((document) => ({ document, rev: null })),
    )
  }
}

test('a deleted projection is rebuilt equal from CouchDB alone, with every projector’s tables', async () => {
  await writeALot()
  expect(count('documents')).toBeGreaterThan(600)
  expect(count('choice')).toBe(40)
  onBuilding.mockClear()
  await at.restart(() => rmSync(join(at.dataFolder, 'projection'), { recursive: true }))
  expect(digests.atStart).toBe(digests.atStop)
  expect(count('choice')).toBe(40)
  // How many were read so far, all databases together.
  const told = onBuilding.mock.calls.map(([documents]) => Number(documents))
  expect(told).toEqual(told.toSorted((a, b) => a - b))
  expect(told.at(-1)).toBeGreaterThan(600)
})

test('one that was kept is equal too, and a damaged one is rebuilt', async () => {
  await at.restart()
  expect(digests.atStart).toBe(digests.atStop)
  await at.restart(() => writeFileSync(join(at.dataFolder, 'projection', 'projection.sqlite'), 'this is no database'))
  expect(digests.atStart).toBe(digests.atStop)
})

test('the digest notices a difference, and a rebuild mends it', async () => {
  const before = projection().digest()
  projection().database.exec('UPDATE choice SET rank = rank + 1 WHERE chunk_id = (SELECT min(chunk_id) FROM choice)')
  expect(projection().digest()).not.toBe(before)
  await at.restart(() => rmSync(join(at.dataFolder, 'projection'), { recursive: true }))
  expect(digests.atStart).not.toBe(digests.atStop)
  await at.restart()
  expect(digests.atStart).toBe(digests.atStop)
})

test('damage that is met while it runs ends the gateway, and the next start is as if nothing had been', async () => {
  const path = join(at.dataFolder, 'projection', 'projection.sqlite')
  projection().database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  const file = openSync(path, 'r+')
  for (let at = 40 * 4_096; at < statSync(path).size; at += 4_096) writeSync(file, Buffer.alloc(4_096, 0xa5), 0, 4_096, at)
  closeSync(file)
  // What SQLite still holds of it in memory is as it was.
  projection().database.exec('PRAGMA shrink_memory')
  expect(onIndexDamaged).not.toHaveBeenCalled()
  expect(() => projection().digest()).toThrow(/malformed/)
  expect(onIndexDamaged).toHaveBeenCalledTimes(1)
  await at.restart()
  expect(count('choice')).toBe(40)
  await at.restart(() => rmSync(join(at.dataFolder, 'projection'), { recursive: true }))
  expect(digests.atStart).toBe(digests.atStop)
  expect(onIndexDamaged).toHaveBeenCalledTimes(1)
})
