import { afterEach, describe, expect, it, vi } from 'vitest'
import { reactive } from 'vue'
import type { AppError } from '#shared/errors/appError.ts'
import { ok } from '#shared/result.ts'
import { createFakeBackend } from '../testing/fakeBackend.ts'
import { createKillablePeer } from '../testing/killablePeer.ts'
import { seedWorld } from '../testing/seed.ts'
import { serveOnPort } from '../testing/serveOnPort.ts'
import { connectDataLink } from './connectDataLink.ts'
import type { Endpoint, FromWorker, ToWorker } from './messages.ts'

const patience = { timeout: 15_000 }

const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

function connect(workers = 3) {
  const refusals: AppError[] = []
  const world = seedWorld(workers, 2, 1_760_000_000_000)
  const call = vi.fn(async (name: string, input: unknown) => (name === 'owners.link' ? ok({ input } as never) : ok({ fine: true })))
  const fake = createFakeBackend(world, { peerKind: 'gateway', nodeId: null, call, series: (name) => `log of ${name}` })
  const peer = createKillablePeer(fake)
  const { port1, port2 } = new MessageChannel()
  serveOnPort(port2)
  const sent: ToWorker['is'][] = []
  const line: Endpoint<ToWorker, FromWorker> = {
    post: (message, transfer = []) => {
      sent.push(message.is)
      port1.postMessage(message, transfer)
    },
    onMessage: (handler) => (port1.onmessage = ({ data }: MessageEvent<FromWorker>) => handler(data)),
  }
  const link = connectDataLink(line, {
    opener: { openPort: peer.openPort },
    ...{ place: 'gateway', storage: 'memory', appVersion: 'test', remembered: null, remember: () => undefined },
    onRefusal: (error) => refusals.push(error),
  })
  ends.push(async () => {
    await link.stop()
    port1.close()
  })
  link.start()
  return { link, peer, fake, world, refusals, sent }
}

async function workersOf(link: ReturnType<typeof connect>['link']) {
  await vi.waitFor(() => expect(link.lists.value).not.toBeNull(), patience)
  const taken = link.lists.value?.take('workers', {})
  if (!taken) throw new Error('no lists')
  await vi.waitFor(() => expect(taken.list.loaded.value).toBe(true), patience)
  return taken
}

describe('connectDataLink', () => {
  it('shows what the peer has, and of a change only the document that changed is another object', async () => {
    const { link, fake, world } = connect(40)
    const { list } = await workersOf(link)
    await vi.waitFor(() => expect(list.documents.value).toHaveLength(40), patience)
    const before = list.documents.value
    const [first] = world.workers
    if (!first) throw new Error('seed')
    fake.put('workers', { ...first, name: 'Renamed' } as never)
    await vi.waitFor(() => expect(list.documents.value.map(({ name }) => name)).toContain('Renamed'), patience)
    const known = new Set(before)
    expect(list.documents.value.filter((one) => !known.has(one)).map(({ id }) => id)).toEqual([first.id])
  })

  it('the same query is asked once for all who use it, and shown at once to whoever comes back', async () => {
    const { link, sent } = connect()
    const first = await workersOf(link)
    const second = link.lists.value?.take('workers', {})
    expect(second?.list).toBe(first.list)
    first.release()
    second?.release()
    expect(link.lists.value?.take('workers', {}).list).toBe(first.list)
    expect(sent.filter((is) => is === 'take')).toHaveLength(1)
  })

  it('edits a document by what is there when the edit arrives, and takes a field away', async () => {
    const { link, fake, world } = connect()
    await workersOf(link)
    const id = world.workers[1]?.id ?? ''
    await link.edit('workers', id, { locationLabel: 'Cellar' })
    await vi.waitFor(() => expect(fake.get('workers', id)?.['locationLabel']).toBe('Cellar'), patience)
    const addTag = (tag: string) => link.edit('workers', id, ({ tags }) => ({ tags: [...tags, tag] }))
    const before = fake.get('workers', id)?.['tags'] as string[]
    // All at once: each is asked again when another came between.
    await Promise.all(['one', 'two', 'three', 'four'].map(addTag))
    await vi.waitFor(
      () =>
        expect((fake.get('workers', id)?.['tags'] as string[]).toSorted()).toEqual([...before, 'one', 'two', 'three', 'four'].toSorted()),
      patience,
    )
    expect(fake.get('workers', id)?.['stamps']).toMatchObject({ tags: expect.stringContaining('page-') as unknown })
    await link.edit('workers', id, { locationLabel: undefined })
    await vi.waitFor(() => expect(Object.keys(fake.get('workers', id) ?? {})).not.toContain('locationLabel'), patience)
    // What is not there is not made.
    await link.edit('workers', 'node-00000000000000000000', { name: 'Nobody' })
    await link.edit('workers', 'node-00000000000000000000', () => ({ name: 'Nobody' }))
    expect(fake.get('workers', 'node-00000000000000000000')).toBeUndefined()
  })

  it('keeps showing what it has while the peer is down, and converges by itself when it is back', async () => {
    const { link, peer, fake, world } = connect()
    const { list } = await workersOf(link)
    peer.kill()
    await vi.waitFor(() => expect(link.connection.value.name).toBe('offline'), patience)
    expect(list.documents.value).toHaveLength(3)
    const [first, second] = world.workers
    if (!first || !second) throw new Error('seed')
    fake.put('workers', { ...first, name: 'Changed while away' } as never)
    await link.edit('workers', second.id, { name: 'Edited while away' })
    peer.start()
    link.wake()
    await vi.waitFor(() => expect(list.documents.value.map(({ name }) => name)).toContain('Changed while away'), patience)
    await vi.waitFor(() => expect(fake.get('workers', second.id)?.['name']).toBe('Edited while away'), patience)
    expect(link.connection.value.name).toBe('live')
  })

  it('answers calls, also with what Vue made of their input, and without a connection at once', async () => {
    const { link, peer } = connect()
    await workersOf(link)
    const input = reactive({ some: { thing: 1 } })
    expect(await link.call('owners.link', input as never)).toEqual({ ok: true, value: { input: { some: { thing: 1 } } } })
    expect(await link.seriesRead('log/a', 0, 100)).toMatchObject({ ok: true })
    peer.kill()
    await vi.waitFor(() => expect(link.connection.value.name).toBe('offline'), patience)
    expect(await link.call('owners.link', {})).toMatchObject({ ok: false, error: { code: 'SERVER_UNREACHABLE' } })
  })

  it('live values arrive while somebody listens', async () => {
    const { link, fake } = connect()
    await workersOf(link)
    const heard: unknown[] = []
    const stop = link.watch('node/a', (value) => heard.push(value))
    await vi.waitFor(() => expect(fake.watched.has('node/a')).toBe(true), patience)
    fake.emit({ event: 'live', topic: 'node/a', value: { at: 1 } })
    await vi.waitFor(() => expect(heard).toEqual([{ at: 1 }]), patience)
    stop()
    await vi.waitFor(() => expect(fake.watched.has('node/a')).toBe(false), patience)
  })

  it('a peer that has no port says why', async () => {
    const { link, peer } = connect()
    peer.kill()
    await vi.waitFor(
      () => expect(link.connection.value).toMatchObject({ name: 'offline', error: { code: 'SERVER_UNREACHABLE' } }),
      patience,
    )
  })
})
