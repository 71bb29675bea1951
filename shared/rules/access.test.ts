import { describe, expect, it } from 'vitest'
import { collectionNames, collections, type CollectionName } from '../collections/collections.ts'
import type { JsonObject } from '../json.ts'
import { documentVisible, mayPull, mayWrite, pullableCollections, type Who } from './access.ts'

const owner: Who = { ownerId: 'owner-1', nodeId: null, isOwner: true }
const otherOwner: Who = { ownerId: 'owner-2', nodeId: null, isOwner: true }
const node: Who = { ownerId: 'owner-1', nodeId: 'node-1', isOwner: false }
const otherNode: Who = { ownerId: 'owner-1', nodeId: 'node-2', isOwner: false }
const foreignNode: Who = { ownerId: 'owner-2', nodeId: 'node-1', isOwner: false }
const both: Who = { ownerId: 'owner-1', nodeId: 'node-1', isOwner: true }
const nobody: Who = { ownerId: 'owner-1', nodeId: null, isOwner: false }
const roles = { owner, otherOwner, node, otherNode, foreignNode, both, nobody }

/** A document of owner-1 that belongs to node-1 as far as its collection knows nodes. */
const documentOf = (collection: CollectionName): JsonObject => {
  const { nodeField } = collections[collection]
  if (collection === 'profile') return { id: 'owner-1', ownerId: 'owner-1' }
  if (nodeField === 'id') return { id: 'node-1', ownerId: 'owner-1' }
  return { id: 'some-1', ownerId: 'owner-1', ...(nodeField === null ? {} : { nodeId: 'node-1' }) }
}

const nodeReads = ['workers', 'nodes', 'presence', 'tasks', 'runs', 'earnings', 'rollups', 'notices']
const table: Record<keyof typeof roles, { reads: string[]; writes: string[] }> = {
  owner: { reads: collectionNames, writes: ['profile', 'workers', 'jobs'] },
  otherOwner: { reads: [], writes: [] },
  node: { reads: nodeReads, writes: ['nodes', 'runs'] },
  otherNode: { reads: [], writes: [] },
  foreignNode: { reads: [], writes: [] },
  both: { reads: collectionNames, writes: ['profile', 'workers', 'nodes', 'runs', 'jobs'] },
  nobody: { reads: [], writes: [] },
}

describe('access, every collection by every role', () => {
  for (const [name, who] of Object.entries(roles)) {
    for (const collection of collectionNames) {
      const expected = table[name as keyof typeof roles]
      it(`${name} ${expected.reads.includes(collection) ? 'reads' : 'does not read'} ${collection}`, () => {
        expect(mayPull(who, collection) && documentVisible(who, collection, documentOf(collection))).toBe(
          expected.reads.includes(collection),
        )
      })
      it(`${name} ${expected.writes.includes(collection) ? 'writes' : 'does not write'} ${collection}`, () => {
        const document = documentOf(collection)
        expect(mayWrite(who, collection, document, document).ok).toBe(expected.writes.includes(collection))
      })
    }
  }
})

describe('access, edges', () => {
  it('lists what may be pulled', () => {
    expect(pullableCollections(owner)).toEqual(collectionNames)
    expect(pullableCollections(node)).toEqual(nodeReads)
    expect(pullableCollections(nobody)).toEqual([])
  })
  it('does not let a document change hands', () => {
    const run = { id: 'task-1', ownerId: 'owner-1', nodeId: 'node-1' }
    expect(mayWrite(node, 'runs', run, { ...run, nodeId: 'node-2' }).ok).toBe(false)
    expect(mayWrite(node, 'runs', { ...run, nodeId: 'node-2' }, run).ok).toBe(false)
    expect(mayWrite(owner, 'jobs', { id: 'job-1', ownerId: 'owner-1' }, { id: 'job-1', ownerId: 'owner-2' }).ok).toBe(false)
    expect(mayWrite(owner, 'jobs', { id: 'job-1', ownerId: 'owner-2' }, null).ok).toBe(false)
  })
  it('lets an owner write only the own profile, and make no workers but after a restore', () => {
    expect(mayWrite(owner, 'profile', { id: 'owner-2', ownerId: 'owner-1' }, null).ok).toBe(false)
    expect(mayWrite(owner, 'workers', { id: 'node-9', ownerId: 'owner-1' }, null).ok).toBe(false)
    expect(mayWrite(owner, 'workers', { id: 'node-9', ownerId: 'owner-1' }, null, { reclaim: true }).ok).toBe(true)
  })
  it('does not let what was ordered change after its price and chunks were fixed', () => {
    const job = {
      ...{ id: 'job-1', ownerId: 'owner-1', kind: 'blender', createdAt: 1, frames: [1, 2], chunkSize: 1, extraFiles: [], info: {} },
      ...{ scene: { sha256: 'a', sizeBytes: 1, name: 'a.blend' }, settings: { samples: 1 }, wanted: 'run', retryGeneration: 0, name: 'A' },
    }
    for (const change of [
      { frames: [1] },
      { chunkSize: 2 },
      { settings: { samples: 4_096 } },
      { scene: { ...job.scene, sha256: 'b' } },
      { kind: 'upscale' },
    ])
      expect([change, mayWrite(owner, 'jobs', { ...job, ...change }, job).ok]).toEqual([change, false])
    for (const change of [{ wanted: 'cancelled' }, { retryGeneration: 1 }, { name: 'B' }, { updatedAt: 5, deletedAt: 5 }])
      expect([change, mayWrite(owner, 'jobs', { ...job, ...change }, job).ok]).toEqual([change, true])
  })
  it('knows no other collections, nor names from Object.prototype', () => {
    for (const name of ['chunks', 'constructor', '__proto__', '']) {
      expect(mayPull(owner, name)).toBe(false)
      expect(mayWrite(owner, name, { id: 'x', ownerId: 'owner-1' }, null)).toMatchObject({
        ok: false,
        error: { code: 'COLLECTION_UNKNOWN' },
      })
    }
  })
})
