import { getQueryMatcher, getSortComparator, type RxStorageInstanceCreationParams } from 'rxdb'
import {
  DEXIE_DOCS_TABLE_NAME,
  DEXIE_PIPE_SUBSTITUTE,
  dexieReplaceIfStartsWithPipe,
  fromDexieToStorage,
  getKeyRangeByQueryPlan,
  RxStorageDexie,
  type RxStorageInstanceDexie,
} from 'rxdb/plugins/storage-dexie'

type Instance<Document> = RxStorageInstanceDexie<Document>
type Prepared<Document> = Parameters<Instance<Document>['query']>[0]
type Answer<Document> = Awaited<ReturnType<Instance<Document>['query']>>
type Internals = Awaited<Instance<unknown>['internals']>
type Dexie = Internals['dexieDb']
type Table = Internals['dexieTable']
type Settings = ConstructorParameters<typeof RxStorageDexie>[0]

/** So many rows are read at once; each is a few hundred bytes to a few kilobytes. */
const rowsAtOnce = 1_000
const leastLookedAt = 200

/**
 * IndexedDB by RxDB's Dexie storage. That (17.6.0) reads what a query finds row by row, an event for each: five thousand rows take a second or
 * two when a page opens. Here they are read a thousand at a time; everything else is RxDB's.
 */
class BrowserStorage extends RxStorageDexie {
  readonly #onFailure: (thrown: unknown) => void
  constructor(settings: Settings, onFailure: (thrown: unknown) => void) {
    super(settings)
    this.#onFailure = onFailure
  }
  override async createStorageInstance<Document>(params: RxStorageInstanceCreationParams<Document, Settings>): Promise<Instance<Document>> {
    const instance = await super.createStorageInstance(params)
    instance.query = (prepared) => queryAtOnce(instance, prepared)
    tellFailures(instance, this.#onFailure)
    return instance
  }
}
/**
 * @param onFailure something could not be read or written, or the database was taken away: RxDB itself waits for it or stops without a word
 * @param settings Dexie's, where there is no browser
 */
export const browserStorage = (onFailure: (thrown: unknown) => void, settings: Settings = {}): RxStorageDexie =>
  new BrowserStorage(settings, onFailure)

function tellFailures<Document>(instance: Instance<Document>, onFailure: (thrown: unknown) => void): void {
  const tell = (thrown: unknown): void => {
    // Whoever closes it knows.
    if (instance.closed === undefined) onFailure(thrown)
  }
  const told = <Answered>(answer: Promise<Answered>): Promise<Answered> => {
    answer.catch(tell)
    return answer
  }
  const { bulkWrite, findDocumentsById, query, count } = boundTo(instance)
  instance.bulkWrite = (...given) => told(bulkWrite(...given))
  instance.findDocumentsById = (...given) => told(findDocumentsById(...given))
  instance.query = (...given) => told(query(...given))
  instance.count = (...given) => told(count(...given))
  instance.internals.then(({ dexieDb }) => {
    // The person, or the browser for want of room, deletes it.
    const tellDeleted = (): void => tell(new Error('the browser has deleted it'))
    dexieDb.on('close', tellDeleted)
    dexieDb.on('versionchange', tellDeleted)
  }, tell)
}

/** As they are now, to be called from what takes their place. */
const boundTo = <Document>(
  instance: Instance<Document>,
): Pick<Instance<Document>, 'bulkWrite' | 'findDocumentsById' | 'query' | 'count'> => ({
  bulkWrite: instance.bulkWrite.bind(instance),
  findDocumentsById: instance.findDocumentsById.bind(instance),
  query: instance.query.bind(instance),
  count: instance.count.bind(instance),
})

/** What RxDB's own `query` of this storage answers. */
async function queryAtOnce<Document>(instance: Instance<Document>, { query, queryPlan }: Prepared<Document>): Promise<Answer<Document>> {
  const { dexieDb, dexieTable, booleanIndexes } = await instance.internals
  const skip = query.skip ?? 0
  const most = skip + (query.limit ?? Number.POSITIVE_INFINITY)
  // An order of its own needs all rows first.
  const enough = queryPlan.sortSatisfiedByIndex ? most : Number.POSITIVE_INFINITY
  const isMatch = queryPlan.selectorSatisfiedByIndex ? () => true : getQueryMatcher(instance.schema, query as never)
  const ranges = keyRanges(dexieDb)
  const indexName = `[${queryPlan.index.map(dexieReplaceIfStartsWithPipe).join('+')}]`
  let range: IDBKeyRange
  try {
    range = getKeyRangeByQueryPlan(booleanIndexes, queryPlan, ranges) as IDBKeyRange
  } catch (thrown) {
    // The keys of a range that nothing is in.
    if (thrown instanceof Error && thrown.name === 'DataError') return { documents: [] }
    throw thrown
  }
  const found: unknown[] = []
  const readAll = (): Promise<void> =>
    dexieDb.transaction('r', dexieTable, async ({ idbtrans }) => {
      const index = idbtrans.objectStore(DEXIE_DOCS_TABLE_NAME).index(indexName)
      for (let rest = range; found.length < enough;) {
        const missing = enough - found.length
        // Of rows that are looked at one by one, more are needed than are found.
        const wanted = queryPlan.selectorSatisfiedByIndex ? missing : Math.max(missing, leastLookedAt)
        const rows = (await answerOf(index.getAll(rest, Math.min(rowsAtOnce, wanted)))) as Row[]
        const last = rows.at(-1)
        if (last === undefined) break
        // Every index ends with the document's id: no other row has this key.
        const after = keyOf(index, last)
        for (const row of rows) {
          const document = documentOf(booleanIndexes, row)
          if (isMatch(document as never)) found.push(document)
        }
        if (ranges.bound(after, after).includes(range.upper as IDBValidKey)) break
        rest = ranges.bound(after, range.upper as IDBValidKey, true, range.upperOpen)
      }
    })
  await inTurn(async (before) => {
    if (enough > rowsAtOnce && (await countOf(dexieDb, dexieTable, indexName, range)) > rowsAtOnce) await before
    await readAll()
  })
  if (!queryPlan.sortSatisfiedByIndex) found.sort(getSortComparator(instance.schema, query as never) as never)
  return { documents: found.slice(skip, most) as Answer<Document>['documents'] }
}

type Row = Record<string, unknown>

/**
 * Long reads that were asked for together would all end together, at the end: each waits for those that were asked for before it. Short ones need not.
 * @param read is given what those before it end with
 */
let turn: Promise<void> = Promise.resolve()
async function inTurn(read: (before: Promise<void>) => Promise<void>): Promise<void> {
  const before = turn
  const mine = read(before)
  turn = Promise.allSettled([before, mine]).then(() => undefined)
  await mine
}

const countOf = (dexieDb: Dexie, dexieTable: Table, indexName: string, range: IDBKeyRange): Promise<number> =>
  dexieDb.transaction('r', dexieTable, ({ idbtrans }) =>
    answerOf(idbtrans.objectStore(DEXIE_DOCS_TABLE_NAME).index(indexName).count(range)),
  )

/** RxDB's Dexie storage writes a key that begins with a bar under another name: only where there is one the row has to be copied. */
function documentOf(booleanIndexes: readonly string[], row: Row): unknown {
  if (hasOtherName(row) || booleanIndexes.some((path) => path.includes('.'))) return fromDexieToStorage([...booleanIndexes], row)
  for (const field of booleanIndexes) row[field] = row[field] === '1'
  return row
}
function hasOtherName(value: object): boolean {
  if (Array.isArray(value)) return value.some(isObjectWithOtherName)
  const row = value as Row
  for (const key in row) if (key.includes(DEXIE_PIPE_SUBSTITUTE) || isObjectWithOtherName(row[key])) return true
  return false
}
const isObjectWithOtherName = (value: unknown): boolean => typeof value === 'object' && value !== null && hasOtherName(value)

/** Dexie's own settings may bring another IndexedDB than the browser's. */
const keyRanges = (dexieDb: object): typeof IDBKeyRange =>
  (dexieDb as { _options: { IDBKeyRange: typeof IDBKeyRange } })._options.IDBKeyRange

const keyOf = (index: IDBIndex, row: Row): IDBValidKey[] =>
  [index.keyPath]
    .flat()
    .map((path) => path.split('.').reduce<unknown>((value, part) => (value as Record<string, unknown>)[part], row) as IDBValidKey)

function answerOf<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('IndexedDB gave no reason'))
  })
}
