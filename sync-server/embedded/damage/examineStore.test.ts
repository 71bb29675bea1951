import { cpSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import PouchDB from 'pouchdb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder, type TemporaryFolder } from '../../testing/testTools.ts'
import { syncedLeveldown } from '../syncedLeveldown.ts'
import { examineStore } from './examineStore.ts'

/** A real store: small writes in its log, and so many that tables were made of them. */
let whole: TemporaryFolder
let copies: TemporaryFolder
let copy = 0
beforeAll(async () => {
  whole = temporaryFolder()
  copies = temporaryFolder()
  for (const [name, count] of [
    ['small', 20],
    ['large', 3_000],
  ] as const) {
    const database = new PouchDB(join(whole.path, name), { db: syncedLeveldown })
    for (let from = 0; from < count; from += count / 10)
      await database.bulkDocs(
        Array.from({ length: count / 10 }, (_, index) => ({ _id: `d-${from + index}`, text: `${index} `.repeat(300) })),
      )
    await database.close()
  }
}, 60_000)
afterAll(() => {
  whole.remove()
  copies.remove()
})

const copyOfStore = () => {
  const path = join(copies.path, String((copy += 1)))
  cpSync(whole.path, path, { recursive: true })
  return path
}
const filesOf = (folder: string, database: string, kind: RegExp) =>
  readdirSync(join(folder, database))
    .filter((name) => kind.test(name) && statSync(join(folder, database, name)).size > 0)
    .map((name) => join(folder, database, name))
function spoil(path: string, from: number, bytes = 1): void {
  const content = readFileSync(path)
  for (let at = from; at < from + bytes; at += 1) content[at] = (content[at] ?? 0) ^ 0x5a
  writeFileSync(path, content)
}

test('a whole store is whole, also one whose last write was cut off', async () => {
  expect(filesOf(whole.path, 'large', /\.ldb$/).length).toBeGreaterThan(0)
  expect(await examineStore(whole.path)).toBeNull()
  const folder = copyOfStore()
  for (const log of filesOf(folder, 'small', /\.log$/)) truncateSync(log, statSync(log).size - 30)
  expect(await examineStore(folder)).toBeNull()
  // And one whose room was made, but never written.
  for (const log of filesOf(folder, 'small', /\.log$/)) truncateSync(log, statSync(log).size + 4_000)
  expect(await examineStore(folder)).toBeNull()
})

describe('a damaged store is found', () => {
  test('where LevelDB would pass over acknowledged writes in silence', async () => {
    for (const [from, bytes] of [
      [3, 1],
      [5, 1],
      [200, 1],
      [100, 1_000],
    ] as const) {
      const folder = copyOfStore()
      const [log = ''] = filesOf(folder, 'small', /\.log$/)
      spoil(log, from, bytes)
      expect(await examineStore(folder), `${bytes} bytes at ${from}`).toEqual({ path: log, reason: 'a checksum inside it does not fit' })
    }
  })
  test('at any byte of a table', async () => {
    const folder = copyOfStore()
    const [table = ''] = filesOf(folder, 'large', /\.ldb$/)
    const size = statSync(table).size
    for (const at of [0, Math.floor(size / 3), Math.floor(size / 2), size - 60, size - 3]) {
      spoil(table, at)
      expect(await examineStore(folder), `byte ${at} of ${size}`).toMatchObject({ path: table })
      spoil(table, at)
    }
    expect(await examineStore(folder)).toBeNull()
    truncateSync(table, size - 100)
    expect(await examineStore(folder)).toMatchObject({ path: table })
  })
  test('where it would begin anew', async () => {
    const lost = copyOfStore()
    rmSync(join(lost, 'small', 'CURRENT'))
    expect(await examineStore(lost)).toMatchObject({ path: join(lost, 'small') })
    const other = copyOfStore()
    writeFileSync(join(other, 'small', 'CURRENT'), 'MANIFEST-999999\n')
    expect(await examineStore(other)).toMatchObject({ path: join(other, 'small', 'CURRENT') })
    const spoilt = copyOfStore()
    const [manifest = ''] = filesOf(spoilt, 'small', /^MANIFEST/)
    writeFileSync(manifest, '')
    expect(await examineStore(spoilt)).toMatchObject({ path: manifest })
  })
})
