import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { quietLog } from '../testing/testTools.ts'
import { openProjection } from './openProjection.ts'
import type { ProjectionStore } from './projection.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pictor-projection-'))
  path = join(folder, 'projection.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const warn = vi.fn()
const onDamaged = vi.fn()
const open = (more: { lookedThroughBytes?: number; onBuilding?: (documents: number) => void } = {}) => {
  warn.mockClear()
  return openProjection({ path, storeId: 'store-1', log: { ...quietLog, warn }, now: () => 0, onDamaged, ...more })
}
function fill(store: ProjectionStore): void {
  const of = store.of({ ownerId: 'owner-1', collection: 'notices' })
  const changes = Array.from({ length: 500 }, (_, index) => {
    const document = { id: `notice-${index}`, text: 'x'.repeat(500) }
    return { id: document.id, rev: '1-a', document, body: JSON.stringify(document) }
  })
  store.apply(of, changes)
}
const count = (store: ProjectionStore) => Number(store.database.prepare('SELECT count(*) AS n FROM documents').get()?.['n'])
function spoil(from: number, bytes: number): void {
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(bytes, 0xa5), 0, bytes, from)
  closeSync(file)
}

/** A file of which every other page is damaged, opened without being looked through. */
function openDamaged(): ProjectionStore {
  const first = open()
  fill(first)
  first.close()
  for (let page = 5; page < statSync(path).size / 4_096 - 5; page += 2) spoil(page * 4_096, 4_096)
  onDamaged.mockClear()
  return open({ lookedThroughBytes: 0 })
}

test('a file that is whole is used again; one with a damaged page or header is built anew', () => {
  const first = open()
  fill(first)
  first.close()
  const again = open()
  expect([count(again), warn.mock.calls.length]).toEqual([500, 0])
  again.close()
  spoil(Math.floor(statSync(path).size / 4_096 / 2) * 4_096, 4_096)
  const page = open()
  expect([count(page), warn.mock.calls.length]).toEqual([0, 1])
  fill(page)
  page.close()
  spoil(0, 100)
  const header = open()
  expect([count(header), warn.mock.calls.length]).toEqual([0, 1])
  header.close()
})

test('a large file is not read whole before anybody is answered: who meets damage says so, and the next start builds it anew', () => {
  const damaged = openDamaged()
  expect([warn.mock.calls.length, onDamaged.mock.calls.length]).toEqual([0, 0])
  const rows = () => damaged.scanPage(damaged.of({ ownerId: 'owner-1', collection: 'notices' }), '', 1_000)
  expect(rows).toThrow(/malformed/)
  expect(rows).toThrow(/malformed/)
  expect(onDamaged).toHaveBeenCalledTimes(1)
  damaged.close()
  const again = open({ lookedThroughBytes: 0 })
  expect([count(again), warn.mock.calls.length]).toEqual([0, 1])
  fill(again)
  again.close()
  const whole = open({ lookedThroughBytes: 0 })
  expect([count(whole), warn.mock.calls.length]).toEqual([500, 0])
  whole.close()
})

test('damage is also noticed by who goes through rows one by one', () => {
  const damaged = openDamaged()
  const ids = () => [...damaged.database.prepare('SELECT body FROM documents ORDER BY ordinal').iterate()].map((row) => row['body'])
  expect(ids).toThrow(/malformed/)
  expect(onDamaged).toHaveBeenCalledTimes(1)
  damaged.close()
})

test('who goes through rows and stops early leaves the statement ready for the next one', () => {
  const store = open()
  fill(store)
  const statement = store.database.prepare('SELECT id FROM documents ORDER BY ordinal')
  for (const round of [1, 2])
    for (const row of statement.iterate()) {
      expect([round, row['id']]).toEqual([round, 'notice-0'])
      break
    }
  expect([...statement.iterate()]).toHaveLength(500)
  store.close()
})

test('it tells how far it is while a projector that is new reads everything', () => {
  const first = open()
  fill(first)
  first.close()
  const told: number[] = []
  const again = open({ onBuilding: (documents) => told.push(documents) })
  const projector = { name: 'counts', version: 1, reads: ['notices'], tables: [], createTables: () => undefined, onChange: vi.fn() }
  again.registerProjector(projector)
  expect(projector.onChange).toHaveBeenCalledTimes(500)
  expect(told).toEqual([500])
  again.close()
})
