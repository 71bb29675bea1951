import { describe, expect, it, vi } from 'vitest'
import { durations } from '../durations.ts'
import { AppErrorException, appError } from '../errors/appError.ts'
import type { Session } from './backend.ts'
import { createSyncClient } from './client.ts'
import { createSyncPeer } from './peer.ts'
import type { ClientChannel } from './protocol.ts'
import { createFakeBackend, ownerSession } from './testing/fakeBackend.ts'
import { createFakeClock, settle } from './testing/fakeClock.ts'
import { createMemoryLine, createTestLog } from './testing/memoryChannel.ts'

function setUp(session: Session = ownerSession) {
  const time = createFakeClock()
  const fake = createFakeBackend()
  const { log } = createTestLog()
  const peer = createSyncPeer({ backend: fake.backend, log, clock: time.clock })
  const lines: ReturnType<typeof createMemoryLine>[] = []
  const open = vi.fn(async (): Promise<ClientChannel> => {
    const line = createMemoryLine()
    lines.push(line)
    peer.accept(session, line.peer)
    return line.client
  })
  const client = createSyncClient({
    open,
    hello: { clientKind: 'tool', clientVersion: '1', schemaVersions: {} },
    clock: time.clock,
    random: () => 0.5,
    log,
  })
  const line = () => {
    const last = lines.at(-1)
    if (last === undefined) throw new Error('never opened')
    return last
  }
  return { time, fake, peer, client, open, line }
}
async function live() {
  const all = setUp()
  all.client.start()
  await settle()
  expect(all.client.state().name).toBe('live')
  return all
}

describe('client', () => {
  it('says hello and carries requests', async () => {
    const { client } = await live()
    expect(await client.call('echo', { a: 1 })).toEqual({ ok: true, value: { a: 1 } })
    expect(await client.call('throw', null)).toMatchObject({ ok: false, error: { code: 'UNEXPECTED' } })
  })

  it('answers SERVER_UNREACHABLE at once when there is no connection', async () => {
    const { client } = setUp()
    expect(await client.call('echo', 1)).toMatchObject({ ok: false, error: { code: 'SERVER_UNREACHABLE' } })
  })

  it('comes back with growing waits, never more than the longest, and recovers by itself', async () => {
    const { client, open, time } = setUp()
    open.mockRejectedValue(new Error('down'))
    client.start()
    await time.advance(10 * 60_000)
    expect(client.state()).toMatchObject({ name: 'offline' })
    const attempts = open.mock.calls.length
    expect(attempts).toBeGreaterThan(20)
    expect(attempts).toBeLessThan(60)
    open.mockReset()
    open.mockImplementation(async () => Promise.reject(new AppErrorException(appError('SERVER_UNREACHABLE', { server: 'x' }))))
    client.wake()
    await settle()
    expect(open).toHaveBeenCalledTimes(1)
  })

  it('fails requests in flight when the line breaks, and is live again by itself', async () => {
    const { client, fake, line, time } = await live()
    fake.backend.call = () => new Promise(() => undefined)
    const waiting = client.call('never', null)
    line().peer.close('killed')
    expect(await waiting).toMatchObject({ ok: false, error: { code: 'SERVER_UNREACHABLE' } })
    expect(client.state().name).toBe('offline')
    await time.advance(durations.reconnectMaxMs)
    expect(client.state().name).toBe('live')
  })

  it('notices a half-open line by an unanswered ping', async () => {
    const { client, open, line, time } = await live()
    line().cut()
    await time.advance(durations.pingIntervalMs + durations.pongTimeoutMs + durations.pingIntervalMs / 2 + durations.reconnectMaxMs)
    expect(open).toHaveBeenCalledTimes(2)
    expect(client.state().name).toBe('live')
  })

  it('keeps a silent but living line', async () => {
    const { client, open, time } = await live()
    await time.advance(3_600_000)
    expect(open).toHaveBeenCalledTimes(1)
    expect(client.state().name).toBe('live')
  })

  it('after sleep checks the line soon and makes a new one when it is dead', async () => {
    const { client, open, line, time } = await live()
    line().cut()
    time.sleep(3 * 3_600_000)
    await time.advance(durations.pingIntervalMs / 4 + durations.wakePongTimeoutMs + 2 * durations.reconnectMinMs)
    expect(open).toHaveBeenCalledTimes(2)
    expect(client.state().name).toBe('live')
  })

  it('wake checks a live line at once', async () => {
    const { client, open, line, time } = await live()
    line().cut()
    client.wake()
    await time.advance(durations.wakePongTimeoutMs + 2 * durations.reconnectMinMs)
    expect(open).toHaveBeenCalledTimes(2)
  })

  it('gives up connecting after the time-out and closes a channel that opens too late', async () => {
    const { client, open, time } = setUp()
    let late: (channel: ClientChannel) => void = () => undefined
    open.mockImplementationOnce(() => new Promise((resolve) => (late = resolve)))
    client.start()
    await time.advance(durations.connectTimeoutMs + durations.reconnectMaxMs)
    expect(client.state().name).toBe('live')
    const line = createMemoryLine()
    late(line.client)
    await settle()
    expect(line.isOpen()).toBe(false)
    expect(client.state().name).toBe('live')
  })

  it('does not hammer a peer that refuses it: rarely for what may change, never for a removed node', async () => {
    const { client, open, time } = setUp()
    open.mockRejectedValue(new AppErrorException(appError('PROTOCOL_TOO_OLD')))
    client.start()
    await time.advance(2 * 3_600_000)
    expect(client.state().name).toBe('refused')
    expect(open.mock.calls.length).toBeLessThan(30)

    const removed = setUp()
    removed.open.mockRejectedValue(new AppErrorException(appError('NODE_REVOKED')))
    removed.client.start()
    await removed.time.advance(24 * 3_600_000)
    expect(removed.open).toHaveBeenCalledTimes(1)
    removed.client.wake()
    await settle()
    expect(removed.open).toHaveBeenCalledTimes(2)
  })

  it('comes back soon after a refusal that was a slip', async () => {
    const { client, open, time } = setUp()
    open.mockRejectedValueOnce(new AppErrorException(appError('NOT_SIGNED_IN')))
    client.start()
    await settle()
    expect(client.state()).toMatchObject({ name: 'refused', error: { code: 'NOT_SIGNED_IN' } })
    await time.advance(durations.refusedRetryMinMs)
    expect(client.state().name).toBe('live')
  })

  it('does as a closing peer says', async () => {
    const { client, peer, time } = await live()
    peer.closeWhere(() => true, appError('NOT_SIGNED_IN'), true)
    await settle()
    expect(client.state().name).toBe('offline')
    await time.advance(durations.reconnectMinMs)
    expect(client.state().name).toBe('live')
    peer.closeWhere(() => true, appError('NODE_REVOKED'), false)
    await settle()
    expect(client.state()).toMatchObject({ name: 'refused', error: { code: 'NODE_REVOKED' }, nextTryAt: null })
  })

  it('refuses a peer that is two versions newer or older', async () => {
    for (const [protocol, code] of [
      [3, 'PROTOCOL_TOO_OLD'],
      [-1, 'PROTOCOL_TOO_NEW'],
    ] as const) {
      const { client, fake } = setUp()
      const hello = fake.backend.hello.bind(fake.backend)
      fake.backend.hello = async (session, payload) => {
        const reply = await hello(session, payload)
        return reply.ok ? { ok: true, value: { ...reply.value, protocol } } : reply
      }
      client.start()
      await settle()
      expect(client.state()).toMatchObject({ error: { code } })
    }
  })

  it('hands live values to who watches, watches again after a break and stops when the last leaves', async () => {
    const { client, fake, line, time } = await live()
    const seen: unknown[] = []
    const off = client.watch('node/node-1', (value) => seen.push(value))
    const offToo = client.watch('node/node-1', () => undefined)
    await settle()
    fake.emit({ event: 'live', topic: 'node/node-1', value: 1 })
    fake.emit({ event: 'live', topic: 'node/node-2', value: 'not watched' })
    await settle()
    line().peer.close('killed')
    await time.advance(durations.reconnectMaxMs)
    fake.emit({ event: 'live', topic: 'node/node-1', value: 2 })
    await settle()
    expect(seen).toEqual([1, 2])
    offToo()
    off()
    await settle()
    expect(fake.watchedTopics.at(-1)).toBe('node/node-1 off')
  })

  it('leaves no timer and no subscription behind', async () => {
    const { client, fake, time } = await live()
    void client.call('echo', 1)
    client.stop()
    client.stop()
    await settle()
    expect(client.state().name).toBe('stopped')
    expect(time.timers()).toBe(0)
    expect(fake.subscribers()).toBe(0)
    expect(await client.call('echo', 1)).toMatchObject({ ok: false })
  })

  it('bounds what waits: requests beyond the limits are answered BUSY', async () => {
    const { client, fake } = await live()
    fake.backend.call = () => new Promise(() => undefined)
    const results = Array.from({ length: 1_100 }, () => client.call('never', null))
    const first = await Promise.race(results)
    expect(first).toMatchObject({ ok: false, error: { code: 'BUSY' } })
  })
})
