import { afterEach, describe, expect, it, vi } from 'vitest'
import type { AppError } from '#shared/errors/appError.ts'
import { ok } from '#shared/result.ts'
import { createFakeBackend } from '../../testing/fakeBackend.ts'
import { createKillablePeer } from '../../testing/killablePeer.ts'
import { seedWorld } from '../../testing/seed.ts'
import { createDataSource } from './createDataSource.ts'
import { portChannel } from '../openers.ts'

const patience = { timeout: 15_000 }

const links: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const link of links.splice(0)) await link.stop()
})

function connect(workers = 3) {
  const refusals: AppError[] = []
  const world = seedWorld(workers, 2, 1_760_000_000_000)
  const fake = createFakeBackend(world, { peerKind: 'gateway', nodeId: null, call: async () => ok({ fine: true }), series: () => '' })
  const peer = createKillablePeer(fake)
  const link = createDataSource({
    open: async () => portChannel(await peer.openPort()),
    place: 'gateway',
    storage: 'memory',
    appVersion: 'test',
    remembered: null,
    remember: () => undefined,
    onRefusal: (error) => refusals.push(error),
    isHidden: () => false,
    touchedAtMs: () => 0,
  })
  links.push(link)
  link.start()
  return { link, peer, fake, world, refusals }
}

async function workersOf(link: ReturnType<typeof connect>['link']) {
  await vi.waitFor(() => expect(link.lists.value).not.toBeNull(), patience)
  const list = link.lists.value?.open('workers', {})
  if (!list) throw new Error('no lists')
  await vi.waitFor(() => expect(list.loaded.value).toBe(true), patience)
  return list
}

describe('createDataSource', () => {
  it('shows what the peer has, and what changes there', async () => {
    const { link, fake, world } = connect()
    const list = await workersOf(link)
    await vi.waitFor(() => expect(list.documents.value).toHaveLength(3), patience)
    const [first] = world.workers
    if (!first) throw new Error('seed')
    fake.put('workers', { ...first, name: 'Renamed' } as never)
    await vi.waitFor(() => expect(list.documents.value.map((worker) => worker['name'])).toContain('Renamed'), patience)
  })

  it('says that a list is there only when what was pulled stands in it, and of one that is empty once that is known', async () => {
    const { link } = connect(40)
    await vi.waitFor(() => expect(link.lists.value).not.toBeNull(), patience)
    const seen: string[] = []
    for (const name of ['workers', 'nodes', 'presence', 'jobs', 'rollups'] as const) {
      const list = link.lists.value?.open(name, {})
      list?.loaded.subscribe((isLoaded) => isLoaded && seen.push(`${name} ${list.documents.value.length === 0 ? 'empty' : 'there'}`))
    }
    const nobody = link.lists.value?.open('workers', { selector: { name: 'nobody' } })
    await vi.waitFor(() => expect(seen).toHaveLength(5), patience)
    expect(seen.toSorted()).toEqual(['jobs there', 'nodes there', 'presence there', 'rollups there', 'workers there'])
    await vi.waitFor(() => expect(nobody?.loaded.value).toBe(true), patience)
    expect(nobody?.documents.value).toEqual([])
  })

  it('sends an edit and stamps the changed field', async () => {
    const { link, fake, world } = connect()
    await workersOf(link)
    const id = world.workers[1]?.id ?? ''
    await link.edit('workers', id, null, { fields: { name: 'By the owner' }, gone: [] })
    await vi.waitFor(() => expect(fake.get('workers', id)?.['name']).toBe('By the owner'), patience)
    expect(fake.get('workers', id)?.['stamps']).toMatchObject({ name: expect.stringContaining('page-') as unknown })
  })

  it('keeps showing what it has while the peer is down, and converges by itself when it is back', async () => {
    const { link, peer, fake, world } = connect()
    const list = await workersOf(link)
    await vi.waitFor(() => expect(list.documents.value).toHaveLength(3), patience)
    peer.kill()
    await vi.waitFor(() => expect(link.connection.value.name).toBe('offline'), patience)
    expect(list.documents.value).toHaveLength(3)

    const [first, second] = world.workers
    if (!first || !second) throw new Error('seed')
    fake.put('workers', { ...first, name: 'Changed while away' } as never)
    await link.edit('workers', second.id, null, { fields: { name: 'Edited while away' }, gone: [] })
    peer.start()
    link.wake()
    await vi.waitFor(() => expect(list.documents.value.map((worker) => worker['name'])).toContain('Changed while away'), patience)
    await vi.waitFor(() => expect(fake.get('workers', second.id)?.['name']).toBe('Edited while away'), patience)
    expect(link.connection.value.name).toBe('live')
  })

  it('shows what is empty as empty, not as coming, while nobody can be asked', async () => {
    const { peer, link } = connect()
    await vi.waitFor(() => expect(link.hello.value).not.toBeNull(), patience)
    await link.stop()
    peer.kill()
    const later = createDataSource({
      open: async () => portChannel(await peer.openPort()),
      ...{ place: 'gateway', storage: 'memory', appVersion: 'test', remembered: link.hello.value, remember: () => undefined },
      ...{ onRefusal: () => undefined, isHidden: () => false, touchedAtMs: () => 0 },
    })
    links.push(later)
    later.start()
    await vi.waitFor(() => expect(later.lists.value).not.toBeNull(), patience)
    const list = later.lists.value?.open('workers', {})
    await vi.waitFor(() => expect([later.connection.value.name, list?.loaded.value]).toEqual(['offline', true]), patience)
    expect(list?.documents.value).toEqual([])
  })

  it('answers a call without a connection at once, as data', async () => {
    const { link, peer } = connect()
    await workersOf(link)
    expect(await link.call('owners.link', {})).toMatchObject({ ok: true })
    peer.kill()
    await vi.waitFor(() => expect(link.connection.value.name).toBe('offline'), patience)
    expect(await link.call('owners.link', {})).toMatchObject({ ok: false, error: { code: 'SERVER_UNREACHABLE' } })
  })
})
