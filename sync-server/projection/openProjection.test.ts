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
const open = () => {
  warn.mockClear()
  return openProjection({ path, storeId: 'store-1', log: { ...quietLog, warn }, now: () => 0 })
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
