import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory'
import { expect, it, vi } from 'vitest'
import { openLocalDatabase } from './localDatabase.ts'
import { openDatabase } from './openDatabase.ts'
import { putDocument } from './putDocument.ts'

const full = Object.assign(new Error('full'), { code: 'DISK_FULL' })
const document = { id: 'node-1', ownerId: 'owner-1', updatedAt: 1, connected: true, since: 1, lastHeardAt: 1, gatewayId: 'g' }

it('a document that could not be saved can be put again, new or known; a write that failed spoils none after it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pictor-put-'))
  const local = openLocalDatabase(folder)
  const database = await openDatabase({ name: 'put', storage: getRxStorageMemory(), local, now: Date.now })
  const { presence } = database.collections
  const write = vi.spyOn(presence.storageInstance.originalStorageInstance, 'bulkWrite')
  for (const [put, expected] of [
    [document, { connected: true }],
    [{ ...document, connected: false }, { connected: false }],
  ] as const) {
    write.mockRejectedValueOnce(full)
    await expect(putDocument(presence, put)).rejects.toMatchObject({ error: { code: 'DISK_FULL' } })
    await putDocument(presence, put)
    expect((await presence.findOne('node-1').exec())?.toMutableJSON()).toMatchObject(expected)
  }
  // Two at once of a new id: the one that comes second wins, none is lost.
  await Promise.all([putDocument(presence, { ...document, id: 'n-2' }), putDocument(presence, { ...document, id: 'n-2', since: 2 })])
  expect((await presence.findOne('n-2').exec())?.toMutableJSON()).toMatchObject({ since: 2 })
  await database.close()
  local.close()
  rmSync(folder, { recursive: true })
})
