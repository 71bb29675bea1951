import { createServer, connect, type AddressInfo, type Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { appError } from '#shared/errors/appError.ts'
import { formatStamp } from '#shared/rules/stamps.ts'
import { viewOf } from '../database/documents.ts'
import { asWire, makeJob, makeProfile, makeRun } from '../testing/documents.ts'
import { startFakeGateway, type FakeGateway, type FakeGatewayOptions } from '../testing/fakeGateway.ts'
import { startRuntimeParts, type RuntimeParts, type RuntimePartsOptions } from '../testing/startRuntimeParts.ts'

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})
async function gatewayOf(options: FakeGatewayOptions = {}): Promise<FakeGateway> {
  const gateway = await startFakeGateway(options)
  stops.push(() => gateway.stop())
  return gateway
}
async function runtimeOf(options: RuntimePartsOptions): Promise<RuntimeParts> {
  const parts = await startRuntimeParts(options)
  stops.push(() => parts.stop())
  return parts
}
const waitFor = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 15_000, interval: 20 })
const isLive = (parts: RuntimeParts) => waitFor(() => expect(parts.uplink.status().state).toBe('live'))

describe('uplink', () => {
  it('brings what the node may see, sends what it writes, and nothing of others', async () => {
    const gateway = await gatewayOf()
    gateway.put('runs', asWire(makeRun('task-0')))
    gateway.put('runs', asWire(makeRun('task-foreign', { nodeId: 'node-2' })))
    gateway.put('jobs', asWire(makeJob('job-1')))
    const parts = await runtimeOf({ serverUrl: gateway.url })
    await isLive(parts)
    const runs = viewOf(parts.database.collections, 'runs')
    expect((await runs.all()).map((run) => run.id)).toEqual(['task-0'])
    expect(await viewOf(parts.database.collections, 'jobs').all()).toEqual([])
    await runs.put(makeRun('task-1', { state: 'rendering' }))
    await waitFor(() => expect(gateway.get('runs', 'task-1')).toMatchObject({ state: 'rendering' }))
    gateway.put('runs', asWire(makeRun('task-2')))
    await waitFor(async () => expect(await runs.get('task-2')).not.toBeNull())
    await waitFor(() => expect(parts.uplink.status().documentsWaiting).toBe(0))
    expect(parts.samples.length).toBeGreaterThan(0)
  })

  it('counts what waits while the gateway is away, and everything converges when it is back', async () => {
    const gateway = await gatewayOf()
    const parts = await runtimeOf({ serverUrl: gateway.url })
    await isLive(parts)
    const port = Number(new URL(gateway.url).port)
    await gateway.stop()
    await waitFor(() => expect(parts.uplink.status().state).toBe('offline'))
    const runs = viewOf(parts.database.collections, 'runs')
    for (let n = 0; n < 5; n++) await runs.put(makeRun(`task-${n}`))
    await runs.put(makeRun('task-4', { state: 'done', updatedAt: 2 }))
    expect(parts.uplink.status().documentsWaiting).toBe(5)
    expect(await parts.uplink.call('lease.renew', { taskId: 'task-1', leaseToken: 1 })).toMatchObject({
      ok: false,
      error: { code: 'SERVER_UNREACHABLE' },
    })

    const back = await gatewayOf({ port })
    back.put('runs', asWire(makeRun('task-new')))
    await waitFor(() => expect(back.get('runs', 'task-4')).toMatchObject({ state: 'done' }))
    await waitFor(async () => expect(await runs.get('task-new')).not.toBeNull())
    await waitFor(() => expect(parts.uplink.status()).toMatchObject({ state: 'live', documentsWaiting: 0 }))
    expect(back.count('runs')).toBe(6)
  })

  it('signs in again by itself when the gateway has forgotten its session', async () => {
    const gateway = await gatewayOf()
    const parts = await runtimeOf({ serverUrl: gateway.url })
    await isLive(parts)
    gateway.forgetSessions()
    gateway.put('runs', asWire(makeRun('task-meanwhile')))
    await waitFor(async () => expect(await viewOf(parts.database.collections, 'runs').get('task-meanwhile')).not.toBeNull())
    await isLive(parts)
    expect(gateway.requests.filter((request) => request === 'POST /api/node/session')).toHaveLength(2)
  })

  it('renews its session before it ends, without losing anything', async () => {
    // Two minutes are the margin for renewal, so this session is renewed every second.
    const gateway = await gatewayOf({ sessionMs: 121_000 })
    const parts = await runtimeOf({ serverUrl: gateway.url })
    await isLive(parts)
    await waitFor(() => expect(gateway.requests.filter((request) => request === 'POST /api/node/session').length).toBeGreaterThan(1))
    await isLive(parts)
    await viewOf(parts.database.collections, 'runs').put(makeRun('task-after'))
    await waitFor(() => expect(gateway.get('runs', 'task-after')).toBeDefined())
  })

  it('sets a refused document aside, goes back to the state of the server, and the next ones leave', async () => {
    const gateway = await gatewayOf()
    gateway.put('runs', asWire(makeRun('task-bad')))
    const parts = await runtimeOf({ serverUrl: gateway.url })
    await isLive(parts)
    const runs = viewOf(parts.database.collections, 'runs')
    await runs.put({ ...makeRun('task-bad'), state: 'dancing' as never })
    await runs.put({ ...makeRun('task-unknown'), state: 'dancing' as never })
    await runs.put(makeRun('task-good'))
    await waitFor(() => expect(gateway.get('runs', 'task-good')).toBeDefined())
    await waitFor(async () => expect(await runs.get('task-bad')).toMatchObject({ state: 'queued' }))
    await waitFor(async () => expect(await runs.get('task-unknown')).toBeNull())
    const aside = parts.refused.list()
    expect(aside.map((entry) => [entry.documentId, entry.error.code, entry.document['state']]).sort()).toEqual([
      ['task-bad', 'DOCUMENT_INVALID', 'dancing'],
      ['task-unknown', 'DOCUMENT_INVALID', 'dancing'],
    ])
    await runs.put(makeRun('task-bad', { state: 'done', updatedAt: 5 }))
    await waitFor(() => expect(gateway.get('runs', 'task-bad')).toMatchObject({ state: 'done' }))
  })

  it('does not hammer a gateway that removed it, and says so', async () => {
    const gateway = await gatewayOf()
    gateway.refuseNodes(appError('NODE_REVOKED'))
    const parts = await runtimeOf({ serverUrl: gateway.url })
    await waitFor(() => expect(parts.uplink.status()).toMatchObject({ state: 'refused', error: { code: 'NODE_REVOKED' } }))
    const asked = gateway.requests.length
    gateway.refuseNodes(null)
    parts.uplink.wake()
    await isLive(parts)
    expect(asked).toBeLessThan(3)
  })

  it('recovers from a half-open line when the computer wakes up', async () => {
    const gateway = await gatewayOf()
    const line = await startFreezer(Number(new URL(gateway.url).port))
    stops.push(() => line.stop())
    const parts = await runtimeOf({ serverUrl: `http://127.0.0.1:${line.port}` })
    await isLive(parts)
    line.freeze()
    gateway.put('runs', asWire(makeRun('task-meanwhile')))
    expect(parts.uplink.status().state).toBe('live')
    line.forgetFrozen()
    parts.uplink.wake()
    await waitFor(async () => expect(await viewOf(parts.database.collections, 'runs').get('task-meanwhile')).not.toBeNull())
  })

  it('works over plain HTTP where WebSockets are blocked', async () => {
    const gateway = await gatewayOf()
    gateway.blockWebSockets(true)
    const parts = await runtimeOf({ serverUrl: gateway.url })
    await isLive(parts)
    const seen: unknown[] = []
    parts.uplink.watch('node/node-9', (value) => seen.push(value))
    const runs = viewOf(parts.database.collections, 'runs')
    await runs.put(makeRun('task-1'))
    await waitFor(() => expect(gateway.get('runs', 'task-1')).toBeDefined())
    gateway.put('runs', asWire(makeRun('task-2')))
    await waitFor(async () => expect(await runs.get('task-2')).not.toBeNull())
    await waitFor(() => {
      gateway.emit({ event: 'live', topic: 'node/node-9', value: 'hot' })
      expect(seen).toContain('hot')
    })
    gateway.blockWebSockets(false)
    gateway.dropConnections()
    await waitFor(() => expect(gateway.requests.filter((request) => request.startsWith('WS'))).toHaveLength(4))
    await isLive(parts)
  })

  it('pushes again what it owns to a restored server, and takes over what others wrote there', async () => {
    const gateway = await gatewayOf()
    gateway.put('runs', asWire(makeRun('task-2', { nodeId: 'node-2', state: 'done', updatedAt: 9 })))
    gateway.put('runs', asWire(makeRun('task-after-backup', { nodeId: 'node-2' })))
    gateway.put('presence', { id: 'node-after-backup', ownerId: 'owner-1', updatedAt: 1 })
    const parts = await runtimeOf({ serverUrl: gateway.url, ownerToken: 'owner' })
    await isLive(parts)
    const runs = viewOf(parts.database.collections, 'runs')
    const presence = viewOf(parts.database.collections, 'presence')
    expect((await presence.all()).length).toBe(1)
    await runs.put(makeRun('task-1', { state: 'done', updatedAt: 9 }))
    await viewOf(parts.database.collections, 'jobs').put(makeJob('job-1', { updatedAt: 9, wanted: 'paused' }))
    await waitFor(() => expect(gateway.get('jobs', 'job-1')).toBeDefined())
    await waitFor(() => expect(gateway.get('runs', 'task-1')).toBeDefined())
    const port = Number(new URL(gateway.url).port)
    await gateway.stop()

    const restored = await gatewayOf({ port })
    restored.setEpoch('epoch-2')
    restored.put('runs', asWire(makeRun('task-1', { state: 'rendering', updatedAt: 3 })))
    restored.put('runs', asWire(makeRun('task-2', { nodeId: 'node-2', state: 'rendering', updatedAt: 3 })))
    restored.put('jobs', asWire(makeJob('job-1', { updatedAt: 3 })))
    await waitFor(() => expect(restored.get('runs', 'task-1')).toMatchObject({ state: 'done' }))
    await waitFor(() => expect(restored.get('jobs', 'job-1')).toMatchObject({ wanted: 'paused' }))
    await waitFor(async () => expect(await runs.get('task-2')).toMatchObject({ state: 'rendering' }))
    expect(restored.get('runs', 'task-2')).toMatchObject({ state: 'rendering' })
    await isLive(parts)
    // What the server forgot with its backup is forgotten here, but not what this node wrote itself.
    expect((await runs.all()).map((run) => run.id).sort()).toEqual(['task-1', 'task-2'])
    expect(await presence.all()).toEqual([])
    expect(parts.refused.list()).toEqual([])
  })

  it('merges what two places changed in one document', async () => {
    const gateway = await gatewayOf()
    gateway.put('profile', asWire(makeProfile()))
    const parts = await runtimeOf({ serverUrl: gateway.url, ownerToken: 'owner' })
    await isLive(parts)
    const port = Number(new URL(gateway.url).port)
    await gateway.stop()
    const stamp = (timeMs: number, writer: string) => formatStamp({ timeMs, counter: 0, writer })
    const profile = viewOf(parts.database.collections, 'profile')
    await profile.put(makeProfile({ name: 'Grace', stamps: { name: stamp(5, 'a') }, updatedAt: 5 }))
    const back = await gatewayOf({ port })
    back.put('profile', asWire(makeProfile({ theme: 'dark', stamps: { theme: stamp(6, 'b') }, updatedAt: 6 })))
    const merged = { name: 'Grace', theme: 'dark', updatedAt: 6 }
    await waitFor(() => expect(back.get('profile', 'owner-1')).toMatchObject(merged))
    await waitFor(async () => expect(await profile.get('owner-1')).toMatchObject(merged))
  })
})

/** A line that can be frozen: bytes stop in both directions and nobody is told, as behind a router that forgot the connection. */
async function startFreezer(target: number) {
  const pairs = new Set<[Socket, Socket]>()
  let frozen = false
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    const pair: [Socket, Socket] = [client, upstream]
    pairs.add(pair)
    for (const [from, to] of [pair, [upstream, client]] as [Socket, Socket][]) {
      from.on('data', (chunk: Buffer) => {
        if (!frozen || !pairs.has(pair)) to.write(chunk)
      })
      from.on('error', () => undefined)
      from.on('close', () => {
        if (!frozen) to.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const old = new Set<[Socket, Socket]>()
  return {
    port: (server.address() as AddressInfo).port,
    freeze: () => {
      frozen = true
      for (const pair of pairs) old.add(pair)
    },
    /** New connections work again; the old ones stay frozen. */
    forgetFrozen: () => {
      for (const pair of old) for (const socket of pair) socket.removeAllListeners('data')
      frozen = false
    },
    async stop() {
      for (const pair of [...pairs]) for (const socket of pair) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
