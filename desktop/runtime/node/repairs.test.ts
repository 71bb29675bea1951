import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openLocalDatabase, type LocalDatabase } from '../database/localDatabase.ts'
import { openRepairs } from './repairs.ts'

let folder: string
let local: LocalDatabase
let nowMs: number
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pictor-repairs-'))
  local = openLocalDatabase(folder)
  nowMs = 1_900_000_000_000
})
afterEach(() => {
  local.close()
  rmSync(folder, { recursive: true, force: true })
})
const open = () => openRepairs({ local, now: () => nowMs })
const dayMs = 86_400_000

test('documents that were lost wait for the server, also over restarts; what was found is kept with them', () => {
  const repairs = open()
  const changed = vi.fn()
  repairs.onChange(changed)
  repairs.add('documents', { atMs: nowMs, keptAs: '/data/damaged/documents.sqlite.1', isWhole: false })
  expect(repairs.isRestoring()).toBe(true)
  expect(open().isRestoring()).toBe(true)
  expect(repairs.list()).toEqual([{ at: nowMs, what: 'documents', keptAs: 'documents.sqlite.1', state: 'waiting' }])
  repairs.restored({ tasks: 2, frames: 7 })
  expect(open().isRestoring()).toBe(false)
  expect(open().list()).toMatchObject([{ state: 'done', tasks: 2, frames: 7 }])
  expect(changed).toHaveBeenCalledTimes(2)
  // Replications begin anew, under another name than before.
  expect(local.readFact('uplink/identifier')).toBe('forgotten')
  expect(Number(local.readFact('changeOrderEra'))).toBeGreaterThan(0)
})

test('what was read whole waits for nobody; settings have nothing to do with replication', () => {
  const repairs = open()
  repairs.add('settings', { atMs: nowMs, keptAs: 'local.sqlite.1', isWhole: false })
  expect(local.readFact('changeOrderEra')).toBeNull()
  repairs.add('documents', { atMs: nowMs, keptAs: 'documents.sqlite.1', isWhole: true })
  repairs.add('local', { atMs: nowMs, keptAs: 'local.sqlite.2', isWhole: false })
  expect([repairs.isRestoring(), repairs.list().length]).toEqual([false, 3])
})

test('a file of documents that is suddenly another one was lost, whoever removed it', () => {
  open().noteToken('first')
  expect(open().isRestoring()).toBe(false)
  open().noteToken('first')
  expect(open().list()).toEqual([])
  open().noteToken('second')
  expect(open().isRestoring()).toBe(true)
  expect(open().list()).toMatchObject([{ what: 'documents', keptAs: '', state: 'waiting' }])
})

test('five are kept, for thirty days', () => {
  for (let time = 0; time < 8; time += 1) open().add('local', { atMs: nowMs + time, keptAs: `local.sqlite.${time}`, isWhole: true })
  expect(
    open()
      .list()
      .map(({ at }) => at - nowMs),
  ).toEqual([7, 6, 5, 4, 3])
  nowMs += 31 * dayMs
  expect(open().list()).toEqual([])
})
