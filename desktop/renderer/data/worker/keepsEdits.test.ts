import 'fake-indexeddb/auto'
import { forceCloseDatabase, IDBObjectStore } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest'
import type { AppError } from '#shared/errors/appError.ts'
import { ok } from '#shared/result.ts'
import { createFakeBackend } from '../../testing/fakeBackend.ts'
import { createKillablePeer } from '../../testing/killablePeer.ts'
import { seedWorld } from '../../testing/seed.ts'
import { portChannel } from '../openers.ts'
import { createDataSource } from './createDataSource.ts'

const patience = { timeout: 15_000 }
const links: { stop(): Promise<void> }[] = []
/** What the page's Dexie opened: a browser closes all of it when a person deletes the site's data. */
let opened: IDBDatabase[] = []
let opening: MockInstance<IDBFactory['open']>

beforeEach(() => {
  opened = []
  const open = indexedDB.open.bind(indexedDB)
  opening = vi.spyOn(indexedDB, 'open').mockImplementation((...given) => {
    const request = open(...given)
    request.addEventListener('success', () => opened.push(request.result))
    return request
  })
})
afterEach(async () => {
  vi.restoreAllMocks()
  for (const link of links.splice(0)) await link.stop()
})

function connect() {
  const refusals: AppError[] = []
  const world = seedWorld(3, 2, 1_760_000_000_000)
  const fake = createFakeBackend(world, {
    ...{ peerKind: 'gateway', nodeId: null, serverId: crypto.randomUUID() },
    ...{ call: async () => ok({ fine: true }), series: () => '' },
  })
  const peer = createKillablePeer(fake)
  const link = createDataSource({
    open: async () => portChannel(await peer.openPort()),
    ...{ place: 'gateway', storage: 'browser', appVersion: 'test', remembered: null, remember: () => undefined },
    onRefusal: (error) => refusals.push(error),
    ...{ isHidden: () => false, touchedAtMs: () => 0 },
  })
  links.push(link)
  link.start()
  const id = world.workers[0]?.id ?? ''
  const rename = (name: string) => link.edit('workers', id, null, { fields: { name }, gone: [] })
  return { link, peer, fake, world, refusals, id, rename }
}
/** The names of the workers, once all of them are in the database that is open. */
const shown = (link: ReturnType<typeof connect>['link']) =>
  vi.waitFor(async () => {
    const list = link.lists.value?.open('workers', {})
    await vi.waitFor(() => expect(list?.documents.value).toHaveLength(3))
    list?.stop()
    return list?.documents.value.map((worker) => worker['name'])
  }, patience)

describe('createDataSource', () => {
  it('goes on in memory where a browser has no room or no right to keep data, and says so', async () => {
    opening.mockImplementation(() => {
      throw new DOMException('denied', 'SecurityError')
    })
    const { link, fake, refusals, id, rename } = connect()
    await shown(link)
    expect(refusals).toMatchObject([{ code: 'BROWSER_STORAGE_FAILED', details: { reason: expect.stringContaining('denied') as unknown } }])
    await rename('Saved all the same')
    await vi.waitFor(() => expect(fake.get('workers', id)?.['name']).toBe('Saved all the same'), patience)
  })

  it('makes a change that the disk had no room for again in memory', async () => {
    const { link, fake, refusals, id, rename } = connect()
    await shown(link)
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError')
    })
    await rename('With a full disk')
    await vi.waitFor(() => expect(fake.get('workers', id)?.['name']).toBe('With a full disk'), patience)
    expect(refusals).toMatchObject([{ code: 'BROWSER_STORAGE_FAILED', details: { reason: expect.stringContaining('full') as unknown } }])
    expect(await shown(link)).toContain('With a full disk')
  })

  it('begins anew what a person deletes under an open page, and gives it up the second time', async () => {
    const { link, fake, refusals, id, rename } = connect()
    for (const name of ['Deleted once', 'Deleted twice']) {
      await shown(link)
      for (const database of opened.splice(0)) forceCloseDatabase(database as never)
      await rename(name)
      await vi.waitFor(() => expect(fake.get('workers', id)?.['name']).toBe(name), patience)
      expect(refusals).toHaveLength(name === 'Deleted once' ? 0 : 1)
    }
  })

  it('gives a server that was put back from an older backup what its owner changed since, sent before or not', async () => {
    const { link, peer, fake, world, id, rename } = connect()
    const other = world.workers[1]?.id ?? ''
    await shown(link)
    await rename('After the backup')
    await vi.waitFor(() => expect(fake.get('workers', id)?.['name']).toBe('After the backup'), patience)
    peer.kill()
    await vi.waitFor(() => expect(link.connection.value.name).toBe('offline'), patience)
    await link.edit('workers', other, null, { fields: { name: 'While it was away' }, gone: [] })
    fake.restore(world)
    expect(fake.get('workers', id)?.['name']).not.toBe('After the backup')
    peer.start()
    link.wake()
    await vi.waitFor(() => expect(fake.get('workers', id)?.['name']).toBe('After the backup'), patience)
    await vi.waitFor(() => expect(fake.get('workers', other)?.['name']).toBe('While it was away'), patience)
    expect(await shown(link)).toEqual(expect.arrayContaining(['After the backup', 'While it was away']))
  })
})
