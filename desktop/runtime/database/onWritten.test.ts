import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createRxDatabase, type RxCollection, type RxDatabase } from 'rxdb'
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { onWritten } from './onWritten.ts'

interface Part {
  id: string
  turn: number
}
let database: RxDatabase<{ parts: RxCollection<Part> }>
beforeEach(async () => {
  database = await createRxDatabase({ name: `written-${crypto.randomUUID()}`, storage: getRxStorageMemory() })
  const schema = {
    ...{ version: 0, primaryKey: 'id', type: 'object', required: ['id'] },
    properties: { id: { type: 'string', maxLength: 40 }, turn: { type: 'number' } },
  } as const
  await database.addCollections({ parts: { schema } })
})
afterEach(async () => void (await database.remove()))

it('tells of what is written and not of what is removed, until its end', async () => {
  const heard: string[] = []
  const end = onWritten(database.parts, ({ id, turn }) => heard.push(`${id} ${turn}`))
  await database.parts.insert({ id: 'a', turn: 1 })
  await database.parts.upsert({ id: 'a', turn: 2 })
  await database.parts.bulkRemove(['a'])
  await database.parts.insert({ id: 'b', turn: 1 })
  await vi.waitFor(() => expect(heard).toEqual(['a 1', 'a 2', 'b 1']))
  end()
  await database.parts.insert({ id: 'c', turn: 1 })
  expect(heard).toHaveLength(3)
})

it('holds no version of a document that is not the newest', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const versions: WeakRef<Part>[] = []
  const end = onWritten(database.parts, (document) => versions.push(new WeakRef(document)))
  // RxDB itself remembers the last hundred events of a collection.
  const turns = 400
  for (let turn = 1; turn <= turns; turn += 1) await database.parts.upsert({ id: 'a', turn })
  await vi.waitFor(
    () => {
      collectGarbage()
      expect(versions).toHaveLength(turns)
      expect(versions.filter((version) => version.deref() !== undefined).length).toBeLessThan(turns / 2)
    },
    { timeout: 20_000 },
  )
  end()
})
