import { describe, expect, it } from 'vitest'
import { durations } from '../durations.ts'
import { createSyncPeer } from './peer.ts'
import { limits, type ClientMessage, type PeerMessage } from './protocol.ts'
import { createFakeBackend, nodeSession, ownerSession } from './testing/fakeBackend.ts'
import { createFakeClock, settle } from './testing/fakeClock.ts'
import { createMemoryLine, createTestLog } from './testing/memoryChannel.ts'

function setUp(session = ownerSession) {
  const time = createFakeClock()
  const fake = createFakeBackend()
  const { log, lines } = createTestLog()
  const peer = createSyncPeer({ backend: fake.backend, log, clock: time.clock })
  const line = createMemoryLine()
  const got: PeerMessage[] = []
  let closed: string | null = null
  line.client.onMessage((message) => got.push(message))
  line.client.onClose((reason) => (closed = reason))
  peer.accept(session, line.peer)
  const send = async (message: unknown) => {
    line.client.send(message as ClientMessage)
    await settle()
    return got.at(-1)
  }
  return { time, fake, peer, line, got, send, lines, closed: () => closed }
}

describe('peer', () => {
  it('answers nonsense as data', async () => {
    const { send } = setUp()
    const refused = { result: { ok: false, error: { code: 'REQUEST_INVALID' } } }
    expect(await send({ id: 1, op: 'removeEverything', payload: {} })).toMatchObject(refused)
    expect(await send({ id: 2, op: 'constructor', payload: {} })).toMatchObject(refused)
    expect(await send({ id: 3, op: 'pull', payload: { collection: 5 } })).toMatchObject(refused)
    expect(await send({ id: 4, op: 'pull', payload: null })).toMatchObject(refused)
    expect(await send({ id: 5, op: 'ping', payload: {} })).toMatchObject({ id: 5, result: { ok: true } })
    const rows = Array.from({ length: limits.batchRows + 1 }, (_, n) => ({ assumed: null, document: { id: `d${n}` } }))
    expect(await send({ id: 6, op: 'push', payload: { collection: 'jobs', rows } })).toMatchObject({
      result: { error: { code: 'BATCH_TOO_LARGE' } },
    })
  })

  it('closes a line that carries no requests at all', async () => {
    const { send, closed, fake } = setUp()
    await send('hello there')
    expect(closed()).toBe('not a request')
    expect(fake.subscribers()).toBe(0)
  })

  it('turns what the backend throws into an answer and says so in the log', async () => {
    const { send, lines } = setUp()
    expect(await send({ id: 1, op: 'call', payload: { name: 'throw', input: null } })).toMatchObject({
      result: { error: { code: 'UNEXPECTED' } },
    })
    expect(lines.filter((entry) => entry.level === 'error')).toHaveLength(1)
  })

  it('bounds the requests of one connection', async () => {
    const { line, got, fake } = setUp()
    fake.backend.call = () => new Promise(() => undefined)
    for (let id = 1; id <= 70; id++) line.client.send({ id, op: 'call', payload: { name: 'never', input: null } })
    await settle()
    expect(got).toHaveLength(6)
    expect(got[0]).toMatchObject({ id: 65, result: { ok: false, error: { code: 'BUSY' } } })
  })

  it('holds events back from a slow client, then replaces them by one resync', async () => {
    const { line, got, fake, time } = setUp()
    line.setQueued(10_000_000)
    for (let n = 0; n < 12_000; n++) fake.put('jobs', { id: `job-${n}`, ownerId: 'owner-1' })
    await time.advance(1_000)
    expect(got).toEqual([])
    line.setQueued(0)
    await time.advance(durations.eventDrainMs * 2)
    expect(got).toEqual([{ event: 'resync', collection: null }])
    fake.put('jobs', { id: 'job-after', ownerId: 'owner-1' })
    await time.advance(durations.eventBatchMs)
    expect(got.at(-1)).toMatchObject({ event: 'changed', documents: [{ id: 'job-after' }] })
  })

  it('keeps the order of held events and only the newest live value of a topic', async () => {
    const { line, got, fake, time, send } = setUp()
    await send({ id: 1, op: 'watch', payload: { topic: 'node/n', on: true } })
    got.length = 0
    line.setQueued(10_000_000)
    fake.put('jobs', { id: 'job-1', ownerId: 'owner-1' })
    fake.emit({ event: 'live', topic: 'node/n', value: 1 })
    fake.put('jobs', { id: 'job-2', ownerId: 'owner-1' })
    fake.emit({ event: 'live', topic: 'node/n', value: 2 })
    line.setQueued(0)
    await time.advance(durations.eventDrainMs)
    expect(got).toMatchObject([{ documents: [{ id: 'job-1' }] }, { documents: [{ id: 'job-2' }] }, { value: 2 }])
  })

  it('sends a single change at once and joins those of a burst', async () => {
    const { got, fake, time } = setUp()
    fake.put('jobs', { id: 'job-0', ownerId: 'owner-1' })
    await settle()
    expect(got).toHaveLength(1)
    for (let n = 1; n <= 700; n++) fake.put('jobs', { id: `job-${n}`, ownerId: 'owner-1' })
    fake.put('runs', { id: 'task-1', ownerId: 'owner-1', nodeId: 'node-1' })
    await time.advance(durations.eventBatchMs)
    const changes = got.flatMap((message) => ('event' in message && message.event === 'changed' ? [message] : []))
    expect(changes.map((change) => [change.collection, change.documents.length])).toEqual([
      ['jobs', 1],
      ['jobs', 500],
      ['jobs', 200],
      ['runs', 1],
    ])
    expect(changes.at(-2)?.checkpoint).toEqual({ sequence: 701 })
  })

  it('sends live values only to who watches and may', async () => {
    const { got, fake, send } = setUp()
    expect(await send({ id: 1, op: 'watch', payload: { topic: 'secret/x', on: true } })).toMatchObject({
      result: { error: { code: 'NOT_ALLOWED' } },
    })
    fake.emit({ event: 'live', topic: 'secret/x', value: 1 })
    await settle()
    expect(got).toHaveLength(1)
  })

  it('ends the connection when the session ends, and gives everything back', async () => {
    const { got, fake, time, closed, peer } = setUp({ ...nodeSession, expiresAtMs: 60_005 })
    await time.advance(59_000)
    expect(closed()).toBeNull()
    fake.backend.serverTimeMs = () => 60_005
    await time.advance(2_000)
    expect(got.at(-1)).toMatchObject({ event: 'closing', error: { code: 'NOT_SIGNED_IN' }, retry: true })
    await settle()
    expect(closed()).not.toBeNull()
    expect(peer.count()).toBe(0)
    expect(fake.subscribers()).toBe(0)
    expect(time.timers()).toBe(0)
  })

  it('tells the backend of the first and the last watcher over all connections', async () => {
    const { fake, peer, send, line } = setUp()
    const second = createMemoryLine()
    peer.accept(nodeSession, second.peer)
    await send({ id: 1, op: 'watch', payload: { topic: 'node/n', on: true } })
    second.client.send({ id: 1, op: 'watch', payload: { topic: 'node/n', on: true } })
    await settle()
    line.client.close('gone')
    await settle()
    expect(fake.watchedTopics).toEqual(['node/n on'])
    second.client.close('gone')
    await settle()
    expect(fake.watchedTopics).toEqual(['node/n on', 'node/n off'])
  })

  it('serves requests beside an event stream, and lets no other session watch on it', async () => {
    const { peer, fake, time } = setUp()
    const stream = createMemoryLine()
    const got: PeerMessage[] = []
    stream.client.onMessage((message) => got.push(message))
    peer.accept(ownerSession, stream.peer, 'stream-1')
    const watch = { topic: 'node/n', on: true }
    expect(await peer.request(nodeSession, 'watch', watch, 'stream-1')).toMatchObject({ ok: false })
    expect(await peer.request(ownerSession, 'watch', watch, 'stream-1')).toMatchObject({ ok: true })
    fake.emit({ event: 'live', topic: 'node/n', value: 7 })
    await settle()
    expect(got).toEqual([{ event: 'live', topic: 'node/n', value: 7 }])
    peer.close()
    await settle()
    expect(time.timers()).toBe(0)
  })
})
