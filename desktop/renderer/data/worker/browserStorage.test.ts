import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import fc from 'fast-check'
import { createRxDatabase, type MangoQuery, type RxCollection } from 'rxdb'
import { dexieQuery } from 'rxdb/plugins/storage-dexie'
import { afterEach, expect, it } from 'vitest'
import { browserStorage } from './browserStorage.ts'

interface Thing {
  id: string
  kind: string
  at: number
  isOn: boolean
  data: unknown
}

const schema = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: {
    id: { type: 'string', maxLength: 40 },
    kind: { type: 'string', maxLength: 20 },
    at: { type: 'number', minimum: 0, maximum: 1e13, multipleOf: 1 },
    isOn: { type: 'boolean' },
    data: {},
  },
  required: ['id', 'kind', 'at', 'isOn'],
  indexes: [['kind', 'at'], ['isOn', 'at'], ['at']],
} as const

const open: { close(): Promise<unknown> }[] = []
const failures: unknown[] = []
afterEach(async () => {
  for (const database of open.splice(0)) await database.close()
})

async function openWith(things: readonly Thing[]): Promise<RxCollection<Thing>> {
  const storage = browserStorage((thrown) => failures.push(thrown), { indexedDB: new IDBFactory(), IDBKeyRange })
  const database = await createRxDatabase<{ things: RxCollection<Thing> }>({
    ...{ name: `things-${crypto.randomUUID()}`, storage, multiInstance: false },
  })
  open.push(database)
  await database.addCollections({ things: { schema: schema as never } })
  const { error } = await database.things.bulkInsert(things.map((one) => ({ ...one })))
  expect(error).toEqual([])
  return database.things
}

/** Of the storage itself, as lists ask it. */
const answerOf = async (collection: RxCollection<Thing>, query: MangoQuery<Thing>) =>
  (await collection.storageInstance.query(collection.find(query).getPreparedQuery())).documents

/** What RxDB's own storage reads from the same rows. */
const theirAnswerOf = async (collection: RxCollection<Thing>, query: MangoQuery<Thing>) =>
  (await dexieQuery(collection.internalStorageInstance as never, collection.find(query).getPreparedQuery())).documents

const thing = (index: number, rest: Partial<Thing> = {}): Thing => ({
  ...{ id: `thing-${index}`, kind: ['a', 'b', 'c'][index % 3] ?? '', at: index, isOn: index % 2 === 0, data: { index } },
  ...rest,
})

it('answers what the storage of RxDB answers, whatever is asked', async () => {
  const things = Array.from({ length: 150 }, (_, index) =>
    thing(index, { at: index % 40, data: index % 7 === 0 ? { '|odd': 1, deep: [{ '|k': 2 }], a__b: 3 } : { plain: [1, { deep: true }] } }),
  )
  const ours = await openWith(things)
  await ours.bulkRemove(['thing-3', 'thing-30', 'thing-120'])
  const bound = fc.nat({ max: 45 })
  const selector = fc.oneof(
    fc.constant({}),
    fc.record({ kind: fc.constantFrom('a', 'b', 'none') }),
    fc.record({ isOn: fc.boolean() }),
    fc.record({ at: fc.record({ $gte: bound }) }),
    fc.record({ at: fc.record({ $gt: bound, $lt: bound }) }),
    fc.record({ kind: fc.constantFrom('a', 'c'), at: fc.record({ $lte: bound }) }),
    fc.record({ kind: fc.record({ $in: fc.constant(['a', 'b']) }) }),
    fc.record({ id: fc.nat({ max: 160 }).map((index) => `thing-${index}`) }),
  )
  const direction = fc.constantFrom('asc' as const, 'desc' as const)
  const sort = fc.option(
    fc.oneof(
      direction.map((at) => [{ at }, { id: 'asc' }]),
      direction.map((id) => [{ id }]),
    ),
    { nil: undefined },
  )
  const count = fc.option(fc.nat({ max: 60 }), { nil: undefined })
  await fc.assert(
    fc.asyncProperty(selector, sort, count, count, async (asked, order, limit, skip) => {
      const query = {
        selector: asked,
        ...(order && { sort: order }),
        ...(limit !== undefined && { limit }),
        ...(skip !== undefined && { skip }),
      }
      expect(await answerOf(ours, query as never)).toEqual(await theirAnswerOf(ours, query as never))
    }),
    { numRuns: 150 },
  )
})

it('reads on where a thousand rows ended, also when long reads are asked for at once', async () => {
  const ours = await openWith(Array.from({ length: 2_500 }, (_, index) => thing(index, { at: Math.floor(index / 900) })))
  const queries: MangoQuery<Thing>[] = [{}, { selector: { at: { $gte: 1 } } }, { selector: { isOn: true } }, { selector: {}, limit: 1_700 }]
  const counts = await Promise.all(queries.map(async (query) => new Set((await answerOf(ours, query)).map(({ id }) => id)).size))
  expect(counts).toEqual([2_500, 1_600, 1_250, 1_700])
})
