import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchForDamage } from '#shared/sqlite/watchForDamage.ts'
import { quietLog } from '../../testing/quietLog.ts'
import { isDamaged, markDamaged } from './damage.ts'
import { healFile } from './healFile.ts'
import { setAside } from './setAside.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pictor-healing-'))
  path = join(folder, 'documents.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const pageBytes = 4_096
const rowCount = 2_000
/** As the storage's tables are: a row number, an id with a unique index, a document; and one small table beside it. */
function makeDatabase(): void {
  const database = new DatabaseSync(path)
  database.exec(`PRAGMA page_size = ${pageBytes}; PRAGMA user_version = 7; CREATE TABLE documents_1 (id TEXT NOT NULL, json TEXT NOT NULL);
    CREATE UNIQUE INDEX documents_1_id ON documents_1 (id); CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
    INSERT INTO facts VALUES ('world', 'one')`)
  const insert = database.prepare('INSERT INTO documents_1 VALUES (?, ?)')
  database.exec('BEGIN')
  for (let row = 0; row < rowCount; row += 1) insert.run(`id-${row}`, JSON.stringify({ row, text: 'x'.repeat(200) }))
  database.exec('COMMIT')
  database.close()
}
function overwrite(at: number, bytes: number, filling = 0xa5): void {
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(bytes, filling), 0, bytes, at)
  closeSync(file)
}
const heal = (nowMs = 1_000_000) => healFile(path, { nowMs, thorough: true, log: quietLog })
const rows = () => {
  const database = new DatabaseSync(path)
  const found = database.prepare('SELECT count(*) AS rows FROM documents_1').get()?.['rows']
  const version = database.prepare('PRAGMA user_version').get()?.['user_version']
  const check = database.prepare('PRAGMA integrity_check').get()?.['integrity_check']
  database.close()
  return { found: Number(found), version, check }
}

test('a whole database is left alone, and so is one that is not there', () => {
  expect(heal()).toBeNull()
  makeDatabase()
  expect(heal()).toBeNull()
  expect(rows().found).toBe(rowCount)
})

test('a damaged header: nothing can be read, the file is kept as it was, and a new one may be made', () => {
  makeDatabase()
  overwrite(0, 100)
  const damaged = readFileSync(path)
  expect(heal()).toMatchObject({ rows: 0, isWhole: false, keptAs: join(folder, 'damaged', 'documents.sqlite.1000000') })
  expect(existsSync(path)).toBe(false)
  expect(readFileSync(join(folder, 'damaged', 'documents.sqlite.1000000')).equals(damaged)).toBe(true)
})

test('damage in the middle: what stands before and after it is in the new file', () => {
  makeDatabase()
  overwrite(Math.floor(statSync(path).size / pageBytes / 3) * pageBytes, pageBytes)
  const healed = heal()
  expect(healed?.isWhole).toBe(false)
  const { found, version, check } = rows()
  expect(found).toBeGreaterThan(rowCount * 0.9)
  expect(found).toBeLessThan(rowCount)
  expect([version, check]).toEqual([7, 'ok'])
})

test('documents that are no JSON any more are left out; a mark alone is reason enough, and goes', () => {
  makeDatabase()
  const text = readFileSync(path)
  const at = text.indexOf('{"row":1500,')
  overwrite(at, 1, 0x58)
  // SQLite has no sum over its pages: a look at the file finds nothing.
  expect(isDamaged(path, true)).toBe(false)
  markDamaged(path)
  // All documents but one, and the row of the other table.
  expect(heal()).toMatchObject({ rows: rowCount, isWhole: false })
  expect(rows().found).toBe(rowCount - 1)
  expect(heal(2_000_000)).toBeNull()
})

test('a file cut short, and text in its place', () => {
  makeDatabase()
  truncateSync(path, 6_000)
  expect(heal()).not.toBeNull()
  writeFileSync(path, 'this is no database, but long enough to be looked at'.repeat(40))
  expect(heal(9_000_000)).toMatchObject({ rows: 0 })
})

test('three are kept; one more within the hour is a failing disk', () => {
  const hourMs = 3_600_000
  for (let time = 1; time <= 5; time += 1) {
    writeFileSync(path, 'damaged')
    setAside(path, time * 2 * hourMs)
  }
  expect(readdirSync(join(folder, 'damaged'))).toHaveLength(3)
  for (let time = 1; time <= 3; time += 1) {
    writeFileSync(path, 'damaged')
    setAside(path, 100 * hourMs + time)
  }
  writeFileSync(path, 'damaged')
  expect(() => setAside(path, 100 * hourMs + 10)).toThrow('STORE_CORRUPT')
  expect(readFileSync(path, 'utf8')).toBe('damaged')
})

test('damage that a statement meets is told, other errors are not', () => {
  makeDatabase()
  const onDamage = vi.fn()
  const database = new DatabaseSync(path)
  watchForDamage(database, onDamage)
  expect(() => database.exec('SELECT nonsense')).toThrow()
  expect(onDamage).not.toHaveBeenCalled()
  const pages = statSync(path).size / pageBytes
  for (let page = 3; page < pages; page += 1) overwrite(page * pageBytes, pageBytes)
  expect(() => database.prepare('SELECT json FROM documents_1').all()).toThrow()
  expect(onDamage).toHaveBeenCalledTimes(1)
  database.close()
})
