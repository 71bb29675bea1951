import { addRxPlugin, createRxDatabase, type RxCollection, type RxDatabase } from 'rxdb'
import { disableWarnings, RxDBDevModePlugin } from 'rxdb/plugins/dev-mode'
import { RxDBMigrationSchemaPlugin } from 'rxdb/plugins/migration-schema'
import { wrappedValidateAjvStorage } from 'rxdb/plugins/validate-ajv'
import { beforeAll, expect, test, vi } from 'vitest'
import { getRxStorageNodeSqlite } from './index.ts'
import { personSchema, temporaryDatabase, type Person } from './storage.fixtures.ts'

type People = { people: RxCollection<Person> }
/** What these tests use of an RxDocument, whose own type loses itself in `any`. */
interface PersonDocument {
  toJSON(): Person
  incrementalPatch(change: Partial<Person>): Promise<unknown>
  incrementalRemove(): Promise<unknown>
}
const plain = (documents: readonly PersonDocument[]): Person[] => documents.map((document) => document.toJSON())

beforeAll(() => {
  disableWarnings()
  addRxPlugin(RxDBDevModePlugin)
  addRxPlugin(RxDBMigrationSchemaPlugin)
})

const database = (path: string, multiInstance = false): Promise<RxDatabase<People>> =>
  createRxDatabase<People>({
    name: 'people',
    storage: wrappedValidateAjvStorage({ storage: getRxStorageNodeSqlite({ databasePath: path }) }),
    multiInstance,
    ignoreDuplicate: true,
    closeDuplicates: false,
  })

const alice: Person = { id: 'a', name: 'Alice', age: 30, live: true }

test('RxDB in dev-mode works on it: live queries, counts, updates, removal, reopening', async () => {
  const path = temporaryDatabase()
  const first = await database(path)
  const { people } = await first.addCollections({ people: { schema: personSchema } })
  const found: string[][] = []
  people
    .find({ selector: { age: { $gt: 20 } }, sort: [{ age: 'asc' }] })
    .$.subscribe((documents) => found.push(plain(documents).map(({ name }) => name)))
  await people.bulkInsert([alice, { id: 'b', name: 'Bob', age: 10, live: true }])
  const bob: PersonDocument = await people.findOne('b').exec(true)
  await bob.incrementalPatch({ age: 25 })
  await vi.waitFor(() => expect(found.at(-1)).toEqual(['Bob', 'Alice']))
  expect(await people.count({ selector: { live: true, age: { $gt: 20 } } }).exec()).toBe(2)
  await bob.incrementalRemove()
  await first.close()

  const second = await database(path)
  const again = await second.addCollections({ people: { schema: personSchema } })
  expect(plain(await again.people.find().exec())).toEqual([alice])
  await second.close()
})

test('a new schema version is migrated from the tables of the old one', async () => {
  const path = temporaryDatabase()
  const first = await database(path)
  const { people } = await first.addCollections({ people: { schema: personSchema } })
  await people.bulkInsert(Array.from({ length: 20 }, (_, number) => ({ ...alice, id: `p${number}`, age: number })))
  await first.close()

  const second = await database(path)
  const migrated = await second.addCollections({
    people: { schema: { ...personSchema, version: 1 }, migrationStrategies: { 1: (old: Person) => ({ ...old, age: old.age + 100 }) } },
  })
  const ages = plain(await migrated.people.find({ sort: [{ age: 'asc' }] }).exec()).map(({ age }) => age)
  expect(ages).toEqual(Array.from({ length: 20 }, (_, number) => number + 100))
  await second.close()
})

test('two databases on one file see each other’s writes', async () => {
  const path = temporaryDatabase()
  const [one, other] = [await database(path, true), await database(path, true)]
  const left = await one.addCollections({ people: { schema: personSchema } })
  const right = await other.addCollections({ people: { schema: personSchema } })
  const seen: number[] = []
  right.people.find().$.subscribe((documents) => seen.push(documents.length))
  await vi.waitFor(() => expect(seen.at(-1)).toBe(0))
  await left.people.insert(alice)
  await vi.waitFor(() => expect(seen.at(-1)).toBe(1))
  await one.close()
  await other.close()
})
