import { join } from 'node:path'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ok, type Result } from '#shared/result.ts'
import type { JsonValue } from '#shared/json.ts'
import type { Session } from '#shared/sync/backend.ts'
import { createSyncPeer, type SyncPeer } from '#shared/sync/peer.ts'
import { nodeTopic } from '#shared/sync/live.ts'
import { viewOf } from '../database/documents.ts'
import { openLocalSeries } from '../series/localSeries.ts'
import { systemClock } from '../systemClock.ts'
import { asWire, makeJob, makeProfile, makeRun } from '../testing/documents.ts'
import { startFakeGateway, type FakeGateway } from '../testing/fakeGateway.ts'
import { quietLog } from '../testing/quietLog.ts'
import { startRuntimeParts, type RuntimeParts } from '../testing/startRuntimeParts.ts'
import { startWindow, type TestWindow } from '../testing/startWindow.ts'
import { createRuntimeBackend, uplinkTopic, type RuntimeBackend } from './backend.ts'
import { createRuntimeCalls } from './callHandlers.ts'
import { clientChannelOfPort, peerChannelOfPort } from './messagePortChannel.ts'

const owner: Session = { sessionId: 'window-1', ownerId: 'owner-1', nodeId: null, isOwner: true, expiresAtMs: null }
const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})
const waitFor = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 15_000, interval: 20 })

interface World {
  gateway: FakeGateway
  parts: RuntimeParts
  backend: RuntimeBackend
  peer: SyncPeer
  series: ReturnType<typeof openLocalSeries>
  ports: MessagePort[]
  open: () => Promise<TestWindow>
}

/** Gateway over sockets, runtime, and windows over message ports. */
async function startWorld(ownerToken: string | null = 'owner'): Promise<World> {
  const gateway = await startFakeGateway()
  stops.push(() => gateway.stop())
  gateway.put('profile', asWire(makeProfile()))
  const parts = await startRuntimeParts({ serverUrl: gateway.url, ownerToken })
  stops.push(() => parts.stop())
  const series = openLocalSeries(join(parts.folder, 'series'), parts.local, Date.now, quietLog)
  stops.push(series.close)
  const calls = createRuntimeCalls({
    handlers: { 'computer.pause': async (input): Promise<Result<Record<string, JsonValue>>> => ok({ kind: input.kind }) },
    forward: (name, input) => parts.uplink.client.call(name, input),
    log: quietLog,
  })
  const backend = createRuntimeBackend({
    database: parts.database,
    nodeId: 'node-1',
    appVersion: '1',
    calls,
    series,
    uplink: parts.uplink,
    isOwnerHere: () => ownerToken !== null,
    now: Date.now,
  })
  stops.push(backend.close)
  const peer = createSyncPeer({ backend, log: quietLog, clock: systemClock })
  stops.push(peer.close)
  const ports: MessagePort[] = []
  const open = async () => {
    const window = await startWindow(async () => {
      const { port1, port2 } = new MessageChannel()
      ports.push(port2)
      peer.accept(owner, peerChannelOfPort(port2))
      return clientChannelOfPort(port1)
    })
    stops.push(() => window.stop())
    await waitFor(() => expect(window.client.state().name).toBe('live'))
    if (ownerToken !== null) await waitFor(() => expect(window.get('profile', 'owner-1')).not.toBeNull())
    return window
  }
  await waitFor(() => expect(parts.uplink.status().state).toBe('live'))
  return { gateway, parts, backend, peer, series, ports, open }
}

describe('a window of the runtime', () => {
  it('sees what the runtime has and what comes, and its edits reach the gateway and the other windows', async () => {
    const { gateway, parts, open } = await startWorld()
    await viewOf(parts.database.collections, 'runs').put(makeRun('task-1'))
    const [first, second] = [await open(), await open()]
    await waitFor(() => expect(first.get('runs', 'task-1')).toMatchObject({ state: 'queued' }))
    await viewOf(parts.database.collections, 'runs').put(makeRun('task-1', { state: 'done' }))
    await waitFor(() => expect(second.get('runs', 'task-1')).toMatchObject({ state: 'done' }))
    await first.edit('jobs', asWire(makeJob('job-1')))
    await waitFor(() => expect(gateway.get('jobs', 'job-1')).toBeDefined())
    await waitFor(() => expect(second.get('jobs', 'job-1')).not.toBeNull())
  })

  it('gets a refused edit back with its reason, and its next edits go through', async () => {
    const { parts, open } = await startWorld()
    const window = await open()
    await window.edit('jobs', asWire(makeJob('job-bad', { chunkSize: 0 })), asWire(makeJob('job-good')))
    await window.edit('profile', asWire(makeProfile({ theme: 'plaid' as never })))
    await waitFor(() =>
      expect(window.refused.map((one) => [one.document.id, one.error.code]).sort()).toEqual([
        ['job-bad', 'DOCUMENT_INVALID'],
        ['owner-1', 'DOCUMENT_INVALID'],
      ]),
    )
    await waitFor(() => expect(window.get('jobs', 'job-bad')).toBeNull())
    await waitFor(() => expect(window.get('profile', 'owner-1')).not.toHaveProperty('theme'))
    await waitFor(async () => expect(await viewOf(parts.database.collections, 'jobs').get('job-good')).not.toBeNull())
    expect(await viewOf(parts.database.collections, 'jobs').get('job-bad')).toBeNull()
  })

  it('sees a document that the gateway refuses go back, and the runtime keeps the refused version', async () => {
    const { gateway, parts, open } = await startWorld()
    const window = await open()
    const push = gateway.backend.push.bind(gateway.backend)
    gateway.backend.push = async (session, payload) => {
      const bad = payload.rows.filter((row) => row.document['name'] === 'not here')
      const reply = await push(session, { ...payload, rows: payload.rows.filter((row) => !bad.includes(row)) })
      const refusals = bad.map((row) => ({ id: row.document.id, error: { code: 'JOB_INVALID' as const, message: 'no' }, current: null }))
      return reply.ok ? ok({ ...reply.value, refusals: [...reply.value.refusals, ...refusals] }) : reply
    }
    await window.edit('jobs', asWire(makeJob('job-bad', { name: 'not here' })), asWire(makeJob('job-good')))
    await waitFor(() => expect(gateway.get('jobs', 'job-good')).toBeDefined())
    await waitFor(() => expect(parts.refused.list()).toMatchObject([{ documentId: 'job-bad', error: { code: 'JOB_INVALID' } }]))
    await waitFor(() => expect(window.get('jobs', 'job-bad')).toBeNull())
    expect(window.get('jobs', 'job-good')).not.toBeNull()
  })

  it('may not write what is not the owner’s to write', async () => {
    const { gateway, open } = await startWorld()
    const window = await open()
    for (const collection of ['runs', 'nodes', 'tasks', 'earnings']) {
      const reply = await window.client.push({ collection, rows: [{ assumed: null, document: asWire(makeRun('forged')) }] })
      expect(reply).toMatchObject({ ok: true, value: { refusals: [{ error: { code: 'DOCUMENT_FORBIDDEN' } }] } })
    }
    expect(await window.client.push({ collection: 'chunks', rows: [] })).toMatchObject({ ok: false })
    expect(await window.client.seriesAppend({ series: 'log/task-1', offset: 0, text: 'x' })).toMatchObject({ ok: false })
    expect(gateway.get('runs', 'forged')).toBeUndefined()
  })

  it('calls the runtime here and the gateway there, and hears when there is no line', async () => {
    const { gateway, open } = await startWorld()
    const window = await open()
    expect(await window.client.call('computer.pause', { kind: 'now' })).toEqual({ ok: true, value: { kind: 'now' } })
    expect(await window.client.call('computer.pause', { kind: 'perhaps' })).toMatchObject({ error: { code: 'REQUEST_INVALID' } })
    expect(await window.client.call('workers.create', { name: 'x' })).toEqual({ ok: true, value: { name: 'x' } })
    expect(await window.client.call('frame.deliver', {})).toMatchObject({ error: { code: 'NOT_ALLOWED' } })
    expect(await window.client.call('nothing.such', {})).toMatchObject({ error: { code: 'NOT_FOUND' } })
    await gateway.stop()
    await waitFor(async () =>
      expect(await window.client.call('workers.create', { name: 'x' })).toMatchObject({ error: { code: 'SERVER_UNREACHABLE' } }),
    )
  })

  it('hears hot values of this computer, of others through the gateway, logs as they grow, and how the line is', async () => {
    const { gateway, backend, series, open } = await startWorld()
    const window = await open()
    const heard: Record<string, JsonValue[]> = {}
    for (const topic of [nodeTopic('node-1'), nodeTopic('node-2'), 'series/log/task-1', uplinkTopic])
      window.client.watch(topic, (value) => (heard[topic] ??= []).push(value))
    await waitFor(() => expect(heard[uplinkTopic]?.[0]).toMatchObject({ state: 'live' }))
    series.append('log/task-0', 'not watched')
    series.append('log/task-1', 'first line\n')
    await series.flush()
    backend.tell(nodeTopic('node-1'), 'own')
    await waitFor(() => {
      gateway.emit({ event: 'live', topic: nodeTopic('node-2'), value: 'other' })
      expect(heard).toMatchObject({ [nodeTopic('node-1')]: ['own'], [nodeTopic('node-2')]: expect.arrayContaining(['other']) as unknown })
    })
    await waitFor(() => {
      series.append('log/task-1', 'second line\n')
      expect(heard['series/log/task-1']).toContain('second line\n')
    })
    expect(await window.client.seriesRead({ series: 'log/task-1', from: 0, limitBytes: 11 })).toMatchObject({
      value: { text: 'first line\n' },
    })
    await gateway.stop()
    await waitFor(() => expect(heard[uplinkTopic]?.at(-1)).toMatchObject({ state: 'offline' }))
  })

  it('asks the gateway for no log that it would refuse: without the owner’s session only own ones are here', async () => {
    const { gateway, parts, open } = await startWorld(null)
    const watched = vi.spyOn(parts.uplink.client, 'watch')
    const window = await open()
    window.client.watch('series/log/task-9', () => undefined)
    window.client.watch(nodeTopic('node-2'), () => undefined)
    await waitFor(() => expect(watched.mock.calls.map(([topic]) => topic)).toEqual([nodeTopic('node-2')]))
    await gateway.stop()
  })

  it('recovers when its port dies, without anything stale', async () => {
    const { parts, ports, open } = await startWorld()
    const window = await open()
    ports.at(-1)?.close()
    await viewOf(parts.database.collections, 'runs').put(makeRun('task-meanwhile'))
    await waitFor(() => expect(window.get('runs', 'task-meanwhile')).not.toBeNull())
    expect(ports).toHaveLength(2)
  })

  it('pages through more documents than fit into one answer', async () => {
    const { parts, open } = await startWorld()
    const rows = Array.from({ length: 4_500 }, (_, n) => makeRun(`task-${n}`))
    await parts.database.collections.runs.bulkInsert(rows)
    const window = await open()
    await waitFor(() => expect(window.count('runs')).toBe(rows.length))
  })
})
