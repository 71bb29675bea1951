import { createRequire } from 'node:module'
import { closeSync, fstatSync, openSync, readdirSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import PouchDB from 'pouchdb'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createBulkWriter } from '../store/bulkWriter.ts'
import { createCouchConnection } from '../store/couchConnection.ts'
import { forkStore, type ForkedStore } from '../testing/forkStore.ts'
import { realClock } from '../testing/testTools.ts'
import { temporaryFolder, type TemporaryFolder } from '../testing/testTools.ts'
import { lockFolder } from './folderLock.ts'
import { syncedLeveldown } from './syncedLeveldown.ts'

const cleanUp: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const each of cleanUp.splice(0).reverse()) await each()
})

function folder(): TemporaryFolder {
  const made = temporaryFolder()
  cleanUp.push(() => made.remove())
  return made
}
async function start(path: string): Promise<ForkedStore> {
  const store = await forkStore(path)
  cleanUp.push(() => store.stop())
  return store
}
/** Whatever a block holds, after this it is none. */
function spoilMiddle(path: string): void {
  const file = openSync(path, 'r+')
  const { size } = fstatSync(file)
  writeSync(file, Buffer.alloc(Math.floor(size / 2), 0xa5), 0, Math.floor(size / 2), Math.floor(size / 4))
  closeSync(file)
}
const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('every write that PouchDB makes goes to LevelDB with sync', async () => {
  const leveldown = createRequire(createRequire(import.meta.url).resolve('pouchdb'))('leveldown') as {
    prototype: Record<string, (...given: unknown[]) => void>
  }
  const writes: unknown[] = []
  for (const name of ['_put', '_del', '_batch']) {
    const original = leveldown.prototype[name]
    vi.spyOn(leveldown.prototype, name).mockImplementation(function (this: unknown, ...given) {
      writes.push((given.at(-2) as { sync?: boolean }).sync)
      return original?.apply(this, given)
    })
  }
  const database = new PouchDB(join(folder().path, 'db'), { db: syncedLeveldown, auto_compaction: true })
  const rows = (await database.bulkDocs([{ _id: 'a', n: 1 }, { _id: 'b' }])) as { rev: string }[]
  await database.bulkDocs([{ _id: 'a', _rev: rows[0]?.rev, n: 2 }])
  await database.close()
  vi.restoreAllMocks()
  expect(writes.length).toBeGreaterThan(2)
  expect(new Set(writes)).toEqual(new Set([true]))
})

describe('the store’s process', () => {
  test('answers only to its password, on loopback', async () => {
    const store = await start(join(folder().path, 'couch'))
    const target = store.target()
    expect(new URL(target?.url ?? '').hostname).toBe('127.0.0.1')
    expect((await fetch(`${target?.url}/_all_dbs`)).status).toBe(401)
    expect((await fetch(`${target?.url}/_all_dbs`, { headers: { authorization: 'Basic Z2F0ZXdheTp4' } })).status).toBe(401)
    expect((await createCouchConnection(store.target).request({ path: '_all_dbs' })).status).toBe(200)
  })

  test('speaks the part of CouchDB’s API that we use', async () => {
    const store = await start(join(folder().path, 'couch'))
    const connection = createCouchConnection(store.target)
    expect((await connection.request({ path: 'db/_changes' })).status).toBe(404)
    expect((await connection.request({ method: 'PUT', path: 'db' })).status).toBe(200)
    expect((await connection.request({ method: 'PUT', path: 'db' })).status).toBe(412)
    const polled = connection.request({ path: 'db/_changes', query: { feed: 'longpoll', since: 0, include_docs: true, heartbeat: 1_000 } })
    const written = await connection.request({
      method: 'POST',
      path: 'db/_bulk_docs',
      body: '{"docs":[{"_id":"a","n":1},{"_id":"b","n":2}]}',
    })
    expect(written.body).toMatchObject([{ id: 'a' }, { id: 'b' }])
    expect((await polled).body).toMatchObject({ results: [{ id: 'a', doc: { n: 1 } }] })
    const found = await connection.request({
      method: 'POST',
      path: 'db/_all_docs',
      query: { include_docs: true },
      body: '{"keys":["b","none"]}',
    })
    expect(found.body).toMatchObject({
      rows: [
        { id: 'b', doc: { n: 2 } },
        { key: 'none', error: 'not_found' },
      ],
    })
  })

  test('a file that is damaged while it runs is named; from then on nothing is read or written, and the next start is refused', async () => {
    const path = join(folder().path, 'couch')
    const store = await start(path)
    const connection = createCouchConnection(store.target)
    await connection.request({ method: 'PUT', path: 'db' })
    for (let from = 0; from < 6_000; from += 1_000) {
      const docs = Array.from({ length: 1_000 }, (_, index) => ({ _id: `d-${from + index}`, text: `${from + index} `.repeat(200) }))
      await connection.request({ method: 'POST', path: 'db/_bulk_docs', body: JSON.stringify({ docs }) })
    }
    const tables = () => readdirSync(join(path, 'db')).filter((name) => name.endsWith('.ldb'))
    await vi.waitFor(() => expect(tables().length).toBeGreaterThan(0), { timeout: 20_000 })
    for (const name of tables()) spoilMiddle(join(path, 'db', name))
    const readAll = () => connection.request({ path: 'db/_all_docs', query: { include_docs: true } })
    const damaged = { error: { code: 'SERVER_STORE_DAMAGED', details: { folder: dirname(path) } } }
    // What was under way is cut; from then on the damage is told.
    await vi.waitFor(() => expect(readAll()).rejects.toMatchObject(damaged), { timeout: 20_000 })
    const write = createBulkWriter({ connection, path: 'db', ensureDatabase: () => Promise.resolve(), clock: realClock })
    await expect(write.write([{ id: 'late', rev: null, body: '{"n":1}' }])).rejects.toMatchObject(damaged)
    await store.stop()
    await expect(forkStore(path)).rejects.toMatchObject({
      error: { code: 'SERVER_STORE_DAMAGED', details: { path: expect.stringContaining('.ldb') as string } },
    })
  })

  test('dies with its parent’s word, and takes the lock of its folder', async () => {
    const path = join(folder().path, 'couch')
    const store = await start(path)
    const { pid } = store
    expect(lockFolder(path, 'store.lock')).toMatchObject({ ok: false, error: { code: 'DATA_FOLDER_IN_USE' } })
    await store.stop()
    expect(isAlive(pid)).toBe(false)
    const locked = lockFolder(path, 'store.lock')
    expect(locked.ok).toBe(true)
    if (locked.ok) locked.value()
  })
})
