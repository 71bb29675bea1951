import { describe, expect, it } from 'vitest'
import { durations } from '../durations.ts'
import type { Session } from './backend.ts'
import { createSyncClient } from './client.ts'
import { createSyncPeer } from './peer.ts'
import type { Refusal, WireDocument } from './protocol.ts'
import {
  createReplicationHandlers,
  replicationIdentifier,
  replicationPlan,
  type ReplicationOptions,
  type RxStreamItem,
} from './replication.ts'
import { createFakeBackend, nodeSession, ownerSession } from './testing/fakeBackend.ts'
import { createFakeClock, settle } from './testing/fakeClock.ts'
import { createMemoryLine, createTestLog } from './testing/memoryChannel.ts'

const run = (id: string, extra: object = {}): WireDocument => ({
  id,
  ownerId: 'owner-1',
  nodeId: 'node-1',
  jobId: 'job-1',
  updatedAt: 1,
  leaseToken: 1,
  state: 'queued',
  createdAt: 1,
  frames: {},
  warnings: [],
  ...extra,
})
const profile = (extra: object = {}): WireDocument => ({
  id: 'owner-1',
  ownerId: 'owner-1',
  updatedAt: 1,
  name: 'Ada',
  stamps: {},
  ...extra,
})
const job = (id: string, extra: object = {}): WireDocument => ({
  id,
  ownerId: 'owner-1',
  updatedAt: 1,
  name: 'job',
  kind: 'blender',
  createdAt: 1,
  frames: [1],
  chunkSize: 1,
  scene: { sha256: 'a'.repeat(64), sizeBytes: 1, name: 's.blend' },
  extraFiles: [],
  settings: {},
  info: { blenderVersion: '3.4' },
  wanted: 'run',
  retryGeneration: 0,
  ...extra,
})

async function setUp(session: Session, collection: ReplicationOptions['collection'], options: Partial<ReplicationOptions> = {}) {
  const time = createFakeClock()
  const fake = createFakeBackend()
  const { log } = createTestLog()
  const peer = createSyncPeer({ backend: fake.backend, log, clock: time.clock })
  let line = createMemoryLine()
  const client = createSyncClient({
    open: async () => {
      line = createMemoryLine()
      peer.accept(session, line.peer)
      return line.client
    },
    hello: { clientKind: 'tool', clientVersion: '1', schemaVersions: {} },
    clock: time.clock,
    random: () => 0.5,
    log,
  })
  const refused: { refusal: Refusal; document: WireDocument }[] = []
  const handlers = createReplicationHandlers({
    client,
    collection,
    onRefusal: async (refusal, document) => void refused.push({ refusal, document }),
    ...options,
  })
  client.start()
  await settle()
  return { time, fake, client, handlers, refused, line: () => line }
}

describe('pull', () => {
  it('goes on from its checkpoint and fills up pages that the peer cut short', async () => {
    const { fake, handlers } = await setUp(nodeSession, 'runs')
    for (let n = 0; n < 10; n++) fake.put('runs', run(`task-${n}`))
    const pull = fake.backend.pull.bind(fake.backend)
    fake.backend.pull = async (session, payload) => {
      const reply = await pull(session, { ...payload, limit: Math.min(3, payload.limit) })
      return reply.ok ? { ok: true, value: { ...reply.value, more: reply.value.documents.length === 3 } } : reply
    }
    const first = await handlers.pull.handler(undefined, 5)
    expect(first.documents.map((document) => document.id)).toEqual(['task-0', 'task-1', 'task-2', 'task-3', 'task-4'])
    const rest = await handlers.pull.handler(first.checkpoint, 100)
    expect(rest.documents).toHaveLength(5)
    expect((await handlers.pull.handler(rest.checkpoint, 100)).documents).toEqual([])
  })

  it('streams changes, and says RESYNC first after every reconnect, so that no checkpoint jumps over a gap', async () => {
    const { fake, handlers, line, time } = await setUp(nodeSession, 'runs')
    const items: RxStreamItem[] = []
    handlers.pull.subscribe((item) => items.push(item))
    fake.put('runs', run('task-1'))
    await settle()
    line().peer.close('killed')
    await settle()
    fake.put('runs', run('task-missed'))
    await time.advance(durations.reconnectMaxMs)
    fake.put('runs', run('task-2'))
    fake.emit({ event: 'resync', collection: null })
    fake.emit({ event: 'resync', collection: 'tasks' })
    fake.emit({ event: 'changed', collection: 'runs', documents: [], checkpoint: null })
    await time.advance(durations.eventBatchMs)
    expect(items.map((item) => (item === 'RESYNC' ? item : item.documents[0]?.id))).toEqual([
      'task-1',
      'RESYNC',
      'task-2',
      'RESYNC',
      'RESYNC',
    ])
  })

  it('waits for the line instead of failing', async () => {
    const { fake, handlers, line, time } = await setUp(nodeSession, 'runs')
    line().peer.close('killed')
    await settle()
    const pulling = handlers.pull.handler(undefined, 10)
    fake.put('runs', run('task-1'))
    await time.advance(durations.reconnectMaxMs)
    expect((await pulling).documents).toHaveLength(1)
  })

  it('close ends what waits', async () => {
    const { handlers, line } = await setUp(nodeSession, 'runs')
    line().peer.close('killed')
    await settle()
    const pulling = handlers.pull.handler(undefined, 10)
    handlers.close()
    await expect(pulling).rejects.toThrow('CANCELLED')
  })
})

describe('push', () => {
  it('sets a refused document aside and puts it back to the state of the server; the next ones go through', async () => {
    const { fake, handlers, refused } = await setUp(nodeSession, 'runs')
    fake.put('runs', run('task-old', { leaseToken: 7 }))
    const rows = [
      { newDocumentState: run('task-old', { nodeId: 'node-2', _deleted: false }), assumedMasterState: run('task-old', { leaseToken: 7 }) },
      { newDocumentState: run('task-bad', { state: 'dancing', _deleted: false }) },
      { newDocumentState: run('task-good', { _deleted: false }) },
    ]
    const takeOver = await handlers.push.handler(rows)
    expect(takeOver).toEqual([run('task-old', { leaseToken: 7 }), { ...run('task-bad', { state: 'dancing' }), _deleted: true }])
    expect(refused.map(({ refusal, document }) => [refusal.error.code, document.id])).toEqual([
      ['DOCUMENT_FORBIDDEN', 'task-old'],
      ['DOCUMENT_INVALID', 'task-bad'],
    ])
    expect(refused[1]?.document['state']).toBe('dancing')
    expect(fake.get('runs', 'task-good')).toEqual(run('task-good'))
  })

  it('fails the whole push when a refused version cannot be kept, so that it is pushed again', async () => {
    const { handlers } = await setUp(nodeSession, 'runs', { onRefusal: () => Promise.reject(new Error('disk full')) })
    await expect(handlers.push.handler([{ newDocumentState: run('task-bad', { state: 'dancing' }) }])).rejects.toThrow('disk full')
  })

  it('does not send removals, foreign documents and what equals the peer already', async () => {
    const { fake, handlers } = await setUp(nodeSession, 'runs', { isMine: (document) => document['nodeId'] === 'node-1' })
    const takeOver = await handlers.push.handler([
      { newDocumentState: run('task-1', { _deleted: true }) },
      { newDocumentState: run('task-2', { nodeId: 'node-2' }) },
      { newDocumentState: run('task-3', { _deleted: false }), assumedMasterState: run('task-3') },
    ])
    expect(takeOver).toEqual([])
    expect(['task-1', 'task-2', 'task-3'].map((id) => fake.get('runs', id))).toEqual([undefined, undefined, undefined])
  })

  it('the one writer of a document wins over its own older version, e.g. when an answer was lost', async () => {
    const { fake, handlers } = await setUp(nodeSession, 'runs')
    fake.put('runs', run('task-1', { updatedAt: 2, state: 'rendering' }))
    const takeOver = await handlers.push.handler([
      { newDocumentState: run('task-1', { updatedAt: 3, state: 'done' }), assumedMasterState: run('task-1') },
    ])
    expect(takeOver).toEqual([])
    expect(fake.get('runs', 'task-1')).toMatchObject({ state: 'done' })
  })

  it('knows its own version whose answer was lost also where the peer would win', async () => {
    const unanswered = new Map<string, WireDocument[]>()
    const { fake, handlers, line } = await setUp(ownerSession, 'jobs', { unanswered })
    fake.put('jobs', job('job-1'))
    const push = fake.backend.push.bind(fake.backend)
    fake.backend.push = async (session, payload) => {
      await push(session, payload)
      line().peer.close('killed before the answer')
      return new Promise(() => undefined)
    }
    const lost = handlers.push.handler([{ newDocumentState: job('job-1', { wanted: 'paused' }), assumedMasterState: job('job-1') }])
    await settle()
    handlers.close()
    await expect(lost).rejects.toThrow()
    expect(unanswered.size).toBe(1)

    fake.backend.push = push
    const again = await setUp(ownerSession, 'jobs', { unanswered })
    again.fake.put('jobs', job('job-1', { wanted: 'paused' }))
    const takeOver = await again.handlers.push.handler([
      { newDocumentState: job('job-1', { wanted: 'cancelled' }), assumedMasterState: job('job-1') },
    ])
    expect(takeOver).toEqual([])
    expect(again.fake.get('jobs', 'job-1')).toMatchObject({ wanted: 'cancelled' })
    expect(unanswered.size).toBe(0)
  })

  it('lets the peer win where nothing merges', async () => {
    const { fake, handlers } = await setUp(ownerSession, 'jobs')
    fake.put('jobs', job('job-1', { wanted: 'cancelled' }))
    const takeOver = await handlers.push.handler([
      { newDocumentState: job('job-1', { wanted: 'paused' }), assumedMasterState: job('job-1') },
    ])
    expect(takeOver).toEqual([job('job-1', { wanted: 'cancelled' })])
  })

  it('merges fields of two dashboards, and both end with the same', async () => {
    const { fake, handlers } = await setUp(ownerSession, 'profile')
    const theirs = profile({ theme: 'dark', stamps: { theme: '000000003-0000-b' } })
    const ours = profile({ name: 'Grace', stamps: { name: '000000004-0000-a' } })
    fake.put('profile', theirs)
    let resyncs = 0
    handlers.pull.subscribe((item) => (resyncs += item === 'RESYNC' ? 1 : 0))
    const takeOver = await handlers.push.handler([{ newDocumentState: ours, assumedMasterState: profile() }])
    const merged = profile({ name: 'Grace', theme: 'dark', stamps: { theme: '000000003-0000-b', name: '000000004-0000-a' } })
    expect(takeOver).toEqual([merged])
    expect(fake.get('profile', 'owner-1')).toEqual(merged)
    // Theirs may still wait in a burst of changes and be put over what was merged: what stands is asked for behind it.
    expect(resyncs).toBe(1)
    await handlers.push.handler([{ newDocumentState: profile({ ...merged, name: 'Grace H.' }), assumedMasterState: merged }])
    expect(resyncs).toBe(1)
  })

  it('a refused version of a document whose fields merge goes back too, without end', async () => {
    const { fake, handlers, refused } = await setUp(ownerSession, 'profile')
    fake.put('profile', profile())
    const bad = profile({ theme: 'plaid', stamps: { theme: '000000009-0000-a' } })
    const takeOver = await handlers.push.handler([{ newDocumentState: bad, assumedMasterState: profile({ name: 'older' }) }])
    expect(takeOver).toEqual([profile()])
    expect(refused).toHaveLength(1)
  })

  it('after a restore brings the own newer version back over the older one', async () => {
    for (const reclaim of [true, false]) {
      const { fake, handlers } = await setUp(ownerSession, 'jobs', { reclaim: () => reclaim })
      fake.put('jobs', job('job-1', { updatedAt: 1, wanted: 'run' }))
      await handlers.push.handler([{ newDocumentState: job('job-1', { updatedAt: 9, wanted: 'paused' }) }])
      expect(fake.get('jobs', 'job-1')).toMatchObject({ wanted: reclaim ? 'paused' : 'run' })
    }
  })

  it('splits what would not fit into one message', async () => {
    const { fake, handlers } = await setUp(nodeSession, 'runs')
    let calls = 0
    const push = fake.backend.push.bind(fake.backend)
    fake.backend.push = (session, payload) => {
      calls += 1
      return push(session, payload)
    }
    const rows = Array.from({ length: 20 }, (_, n) => ({ newDocumentState: run(`task-${n}`, { note: 'x'.repeat(500_000) }) }))
    expect(await handlers.push.handler(rows)).toEqual([])
    expect(calls).toBeGreaterThan(2)
    expect(fake.get('runs', 'task-19')).toBeDefined()
  })
})

describe('plan', () => {
  it('names another server, epoch, view or era differently', async () => {
    const { client } = await setUp(nodeSession, 'runs')
    const state = client.state()
    if (state.name !== 'live') throw new Error('not live')
    const names = [state.hello, { ...state.hello, epoch: 'epoch-2' }, { ...state.hello, isOwner: true }].map((hello) =>
      replicationIdentifier(hello),
    )
    expect(new Set([...names, replicationIdentifier(state.hello, 1)]).size).toBe(4)
  })
  it('pushes only what the session may write', async () => {
    const { client } = await setUp(nodeSession, 'runs')
    const state = client.state()
    if (state.name !== 'live') throw new Error('not live')
    const pushes = replicationPlan(state.hello).filter((entry) => entry.push)
    expect(pushes.map((entry) => entry.collection)).toEqual(['nodes', 'runs'])
  })
})
