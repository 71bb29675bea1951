import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { JsonObject } from '#shared/json.ts'
import { startTestStore, type TestStore } from '../testing/startTestStore.ts'

let at: TestStore
beforeAll(async () => {
  at = await startTestStore()
})
afterAll(() => at.remove())

type Chunk = JsonObject & { id: string }

test('a write is compare-and-swap, and read back at once', async () => {
  const { store } = at
  const [made] = await store.writePrivate<Chunk>('chunks', [{ document: { id: 'a', n: 1 }, rev: null }])
  expect(made).toMatchObject({ written: true, id: 'a' })
  const read = await store.readPrivate<Chunk>('chunks', 'a')
  expect(read?.document).toEqual({ id: 'a', n: 1 })

  const [again] = await store.writePrivate<Chunk>('chunks', [{ document: { id: 'a', n: 2 }, rev: null }])
  expect(again).toEqual({ written: false, id: 'a', current: read })
  const [swapped] = await store.writePrivate<Chunk>('chunks', [{ document: { id: 'a', n: 2 }, rev: read?.rev ?? null }])
  expect(swapped?.written).toBe(true)
  const [stale] = await store.writePrivate<Chunk>('chunks', [{ document: { id: 'a', n: 3 }, rev: read?.rev ?? null }])
  expect(stale).toMatchObject({ written: false, current: { document: { n: 2 } } })
  expect(await store.readPrivate('chunks', 'none')).toBeNull()
})

test('concurrent updates all count', async () => {
  const { store } = at
  await Promise.all(
    Array.from({ length: 15 }, () =>
      store.updatePrivate<Chunk>('chunks', 'counter', (current) => ({ id: 'counter', n: Number(current?.['n'] ?? 0) + 1 })),
    ),
  )
  expect((await store.readPrivate<Chunk>('chunks', 'counter'))?.document['n']).toBe(15)
})

test('concurrent writes of many documents go out together and none is lost', async () => {
  const { store } = at
  const ids = Array.from({ length: 300 }, (_, index) => `many-${String(index).padStart(3, '0')}`)
  await Promise.all(ids.map((id) => store.writePrivate<Chunk>('files', [{ document: { id, text: 'ä😀"\\' }, rev: null }])))
  const seen: string[] = []
  await store.scanPrivate<Chunk>('files', (page) => {
    for (const { document } of page) {
      expect(document['text']).toBe('ä😀"\\')
      seen.push(document.id)
    }
  })
  expect(seen).toEqual(ids)
})

test('a refused document does not touch the others of its call', async () => {
  const key = { ownerId: null, collection: 'keys' } as const
  const row = (id: string, body: object) => ({ document: { id }, body: JSON.stringify({ id, ...body }), rev: null })
  const outcomes = await at.store.writeRows(key, [row('one', {}), row('two', { _bad: 1 }), row('three', {})])
  expect(outcomes.map(({ written }) => written)).toEqual([true, false, true])
  expect(outcomes[1]).toHaveProperty('refused')
})

test('another gateway sees the write by the change feed, and its own write comes back', async () => {
  const other = await at.openAnother('second')
  const watching = await at.openAnother('third')
  const heard: unknown[] = []
  watching.store.onWritten(({ document }) => heard.push(document))
  expect(await watching.store.readPrivate('tokens', 't')).toBeNull()
  await other.store.writePrivate<Chunk>('tokens', [{ document: { id: 't', uses: 1 }, rev: null }])
  await vi.waitFor(() => expect(heard).toEqual([{ id: 't', uses: 1 }]), { timeout: 10_000 })
  await watching.store.updatePrivate<Chunk>('tokens', 't', () => ({ id: 't', uses: 2 }))
  await vi.waitFor(async () => expect((await other.store.readPrivate<Chunk>('tokens', 't'))?.document['uses']).toBe(2), { timeout: 10_000 })
  await other.stop()
  await watching.stop()
})

test('what another gateway wrote a moment ago is found by whoever asks for the latest', async () => {
  // Also on the embedded store: as if another gateway wrote there.
  const [writing, asking] = [await at.openAnother('writing'), await at.openAnother('asking')]
  for (let time = 0; time < 20; time += 1) {
    const id = `moment-${time}`
    expect(await asking.store.readPrivate('chunks', id)).toBeNull()
    await writing.store.writePrivate<Chunk>('chunks', [{ document: { id, n: 1 }, rev: null }])
    expect((await asking.store.latestPrivate<Chunk>('chunks', id))?.document).toEqual({ id, n: 1 })
    // Newer than what stands here, and never older.
    await asking.store.updatePrivate<Chunk>('chunks', id, () => ({ id, n: 2 }))
    expect((await asking.store.latestPrivate<Chunk>('chunks', id))?.document['n']).toBe(2)
  }
  expect(await asking.store.latestPrivate('chunks', 'moment-never')).toBeNull()
  await writing.stop()
  await asking.stop()
})

test('design documents are no data, and a deletion in CouchDB is heard of', async () => {
  const other = await at.openAnother('fourth')
  await other.store.writePrivate<Chunk>('accounts', [{ document: { id: 'x', name: 'X' }, rev: null }])
  const path = at.databases.path({ ownerId: null, collection: 'accounts' })
  await at.connection.request({ method: 'PUT', path: `${path}/_design/views`, body: '{"views":{}}' })
  const stored = await other.store.readPrivate<Chunk>('accounts', 'x')
  const deletion = JSON.stringify({ docs: [{ _id: 'x', _rev: stored?.rev, _deleted: true }] })
  await at.connection.request({ method: 'POST', path: `${path}/_bulk_docs`, body: deletion })
  await vi.waitFor(async () => expect(await other.store.readPrivate('accounts', 'x')).toBeNull(), { timeout: 10_000 })
  const seen: string[] = []
  await other.store.scanPrivate('accounts', (page) => void seen.push(...page.map(({ document }) => document.id)))
  expect(seen).toEqual([])
  const [again] = await other.store.writePrivate<Chunk>('accounts', [{ document: { id: 'x', name: 'again' }, rev: null }])
  expect(again?.written).toBe(true)
  await other.stop()
})

test('owners are those with databases', async () => {
  await at.store.open({ ownerId: 'owner-b', collection: 'jobStates' })
  await at.store.open({ ownerId: 'owner-a', collection: 'jobs' })
  expect(await at.store.owners()).toEqual(['owner-a', 'owner-b'])
})
