import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory'
import { afterEach, describe, expect, it } from 'vitest'
import { collectionNames } from '#shared/collections/collections.ts'
import { openDatabase } from './openDatabase.ts'
import { openLocalDatabase, type LocalDatabase } from './localDatabase.ts'

const folders: string[] = []
const open: { close(): unknown }[] = []
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'pictor-database-'))
  folders.push(made)
  return made
}
function local(at = folder()): LocalDatabase {
  const database = openLocalDatabase(at)
  open.push(database)
  return database
}
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
  for (const one of folders.splice(0)) rmSync(one, { recursive: true, force: true })
})

describe('local database', () => {
  it('runs each migration once, and those added later', () => {
    const at = folder()
    const first = openLocalDatabase(at)
    const steps = ['CREATE TABLE things (id INTEGER PRIMARY KEY)']
    first.migrate({ feature: 'things', steps })
    first.migrate({ feature: 'things', steps })
    first.sql.exec('INSERT INTO things (id) VALUES (1)')
    first.close()
    const second = local(at)
    second.migrate({ feature: 'things', steps: [...steps, 'ALTER TABLE things ADD COLUMN name TEXT'] })
    expect(second.sql.prepare('SELECT * FROM things').all()).toEqual([{ id: 1, name: null }])
  })
  it('belongs to one owner at a time', () => {
    const at = folder()
    local(at)
    expect(() => openLocalDatabase(at)).toThrow('DATA_FOLDER_IN_USE')
  })
  it('gives a failed transaction back completely', () => {
    const database = local()
    database.writeFact('a', '1')
    expect(() =>
      database.transaction(() => {
        database.writeFact('a', '2')
        throw new Error('cut')
      }),
    ).toThrow('cut')
    expect(database.readFact('a')).toBe('1')
  })
})

describe('runtime database', () => {
  it('opens every collection', async () => {
    const database = await openDatabase({ name: 'world-1', storage: getRxStorageMemory(), local: local(), now: Date.now })
    open.push(database)
    expect(Object.keys(database.collections).sort()).toEqual([...collectionNames].sort())
  })
  it('keeps its epoch over restarts, and takes a new one when the clock was set back', async () => {
    const storage = getRxStorageMemory()
    const ownLocal = local()
    const opened = (now: () => number) => openDatabase({ name: 'world-2', storage, local: ownLocal, now })
    const first = await opened(Date.now)
    const keep = await first.collections.presence.insert({
      id: 'node-1',
      ownerId: 'owner-1',
      updatedAt: 1,
      connected: true,
      since: 1,
      lastHeardAt: 1,
      gatewayId: 'g',
    })
    const writtenAt = keep._data._meta.lwt
    await first.close()
    const second = await opened(Date.now)
    expect(second.epoch).toBe(first.epoch)
    await second.close()
    const third = await opened(() => Date.now() - 7_200_000)
    open.push(third)
    expect(third.epoch).not.toBe(first.epoch)
    const [document] = await third.collections.presence.storageInstance.findDocumentsById(['node-1'], false)
    expect(document?._meta.lwt).toBeGreaterThan(writtenAt)
    expect(document).toMatchObject({ connected: true })
  })
})
