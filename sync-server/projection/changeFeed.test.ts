import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import type { JsonObject } from '#shared/json.ts'
import { openStore, type OpenedStore } from '../store/openStore.ts'
import { quietLogger } from '../testing/plainParts.ts'
import { startFlakyProxy, type FlakyProxy, type Mishap } from '../testing/startFlakyProxy.ts'
import { startTestStore, type TestStore } from '../testing/startTestStore.ts'
import { realClock } from '../testing/testTools.ts'

/** A gateway whose CouchDB fails now and then, beside one that writes without trouble. */
let at: TestStore
let proxy: FlakyProxy
let writer: OpenedStore
let reader: OpenedStore
/** Not so long ago that it would have been put away. */
const atMs = Date.now()
let names = 0
const heard: string[] = []

beforeAll(async () => {
  at = await startTestStore()
  proxy = await startFlakyProxy(at.target)
  writer = await at.openAnother('writer')
  const opened = await openStore({
    ...{ target: () => proxy.target, prefix: at.prefix, projectionPath: join(at.folder, 'reader', 'projection.sqlite') },
    ...{ singleWriter: false, log: quietLogger, clock: realClock },
  })
  if (!opened.ok) throw new Error(opened.error.message)
  reader = opened.value
  reader.store.onWritten(({ document }) => heard.push(document.id))
})
afterEach(() => {
  proxy.mishap = () => undefined
  proxy.count = 0
  heard.length = 0
})
afterAll(async () => {
  await reader.stop()
  await writer.stop()
  await proxy.stop()
  await at.remove()
})

type Document = JsonObject & { id: string }
const put = (ownerId: string, id: string) =>
  writer.store.writeRows({ ownerId, collection: 'notices' }, [{ document: { id }, body: JSON.stringify({ id, at: atMs }), rev: null }])
const newOwner = () => `owner-${(names += 1)}`
const read = (ownerId: string, id: string) => reader.store.read(ownerId, 'notices', id)
const isPoll = (path: string) => path.includes('/_changes') && path.includes('feed=longpoll')

/** The first so many requests that fit meet it. */
function first(count: number, fits: (method: string, path: string) => boolean, what: Mishap): void {
  proxy.mishap = (method, path) => (proxy.count < count && fits(method, path) ? what : undefined)
}

test.each(['refuse401', 'fail500', 'cutAnswer', 'loseAnswer'] as const)(
  'long polls that meet %s do not end the feed, and nothing that changed meanwhile is missed',
  async (what) => {
    const ownerId = newOwner()
    await put(ownerId, 'before')
    expect((await read(ownerId, 'before'))?.document.id).toBe('before')
    first(3, (_method, path) => isPoll(path), what)
    for (let index = 0; index < 6; index += 1) {
      await put(ownerId, `meanwhile-${index}`)
      await vi.waitFor(async () => expect(await read(ownerId, `meanwhile-${index}`)).not.toBeNull(), { timeout: 15_000 })
    }
    expect(proxy.count).toBe(3)
    expect(heard.filter((id) => id.startsWith('meanwhile'))).toEqual(Array.from({ length: 6 }, (_, index) => `meanwhile-${index}`))
  },
)

test('while the long polls fail, a read asks the store itself instead of answering with what stood before', async () => {
  const ownerId = newOwner()
  await put(ownerId, 'before')
  await read(ownerId, 'before')
  first(Infinity, (_method, path) => isPoll(path) && path.includes(ownerId), 'fail500')
  await put(ownerId, 'wakes the poll')
  await vi.waitFor(() => expect(proxy.count).toBeGreaterThan(2), { timeout: 15_000 })
  await put(ownerId, 'meanwhile')
  expect(await read(ownerId, 'meanwhile')).not.toBeNull()
})

test('a first read that fails is an error, and the next one has everything', async () => {
  const ownerId = newOwner()
  await put(ownerId, 'early')
  first(1, (_method, path) => path.includes('/_changes'), 'fail500')
  await expect(read(ownerId, 'early')).rejects.toThrow('SERVER_STORE_UNREACHABLE')
  expect((await read(ownerId, 'early'))?.document.id).toBe('early')
})

test('what was written while the answer got lost is written once, and known to be', async () => {
  first(1, (method, path) => method === 'POST' && path.includes('/_bulk_docs'), 'loseAnswer')
  const [made] = await reader.store.writePrivate<Document>('chunks', [{ document: { id: 'swap', n: 1 }, rev: null }])
  expect(made?.written).toBe(true)
  expect(proxy.count).toBe(1)
  const stored = await writer.store.readPrivate<Document>('chunks', 'swap')
  expect(stored?.rev.startsWith('1-')).toBe(true)
  first(1, (method, path) => method === 'POST' && path.includes('/_bulk_docs'), 'cutAnswer')
  await reader.store.updatePrivate<Document>('chunks', 'swap', (current) => ({ id: 'swap', n: Number(current?.['n']) + 1 }))
  await vi.waitFor(async () => expect((await writer.store.readPrivate<Document>('chunks', 'swap'))?.document['n']).toBe(2), {
    timeout: 10_000,
  })
})

test('a store that is away for a moment costs a retry, not a write', async () => {
  first(3, (method) => method === 'POST', 'fail500')
  const [made] = await reader.store.writePrivate<Document>('chunks', [{ document: { id: 'patience' }, rev: null }])
  expect(made?.written).toBe(true)
})

test('a deletion in CouchDB reaches clients with the last known fields, and `_design` documents never do', async () => {
  const ownerId = newOwner()
  await put(ownerId, 'doomed')
  await read(ownerId, 'doomed')
  const path = at.databases.path({ ownerId, collection: 'notices' })
  await at.connection.request({ method: 'PUT', path: `${path}/_design/views`, body: '{"views":{}}' })
  const rev = (await writer.store.read(ownerId, 'notices', 'doomed'))?.rev
  await at.connection.request({
    method: 'POST',
    path: `${path}/_bulk_docs`,
    body: JSON.stringify({ docs: [{ _id: 'doomed', _rev: rev, _deleted: true }] }),
  })
  await vi.waitFor(async () => expect(await read(ownerId, 'doomed')).toBeNull(), { timeout: 10_000 })
  const rows = reader.projection.changesAfter(
    await reader.store.open({ ownerId, collection: 'notices' }),
    0,
    { rows: 10, characters: Infinity },
    null,
  )
  expect(rows.map(({ body }) => JSON.parse(body) as unknown)).toEqual([{ id: 'doomed', at: atMs, _deleted: true }])
})
