import { getQueryMatcher, getSortComparator, normalizeMangoQuery, type MangoQuery, type RxCollection } from 'rxdb'

/** What a query finds, as it is when it is read. */
export interface Followed {
  read(): readonly unknown[]
  stop(): void
}

type Stored = Record<string, unknown> & { id: string }

/** A document without RxDB's own fields. */
function plainOf({ _rev, _meta, _attachments, _deleted, ...document }: Stored): unknown {
  return document
}

/**
 * Follows all documents that a query finds. RxDB's own live query looks through its whole result for each change, and after a burst asks the
 * storage for all of it again: with thousands of documents and hundreds of changes a second that holds up the page. Here a change costs the
 * same whatever the length of the list. A document that did not change stays the same object, so that rows can compare by identity.
 * @param onChange called when there is an answer and after each change of it; the list itself is only made when it is read
 */
export function followQuery(collection: RxCollection, query: MangoQuery, onChange: () => void): Followed {
  const isMatch = matcherOf(collection, query)
  // RxDB orders a list by whatever index it takes, which may be the time of the last change: without an order of its own ours stays as it is.
  const compare = query.sort === undefined ? byId : comparatorOf(collection, query)
  let held = new Map<string, unknown>()
  let isOrdered = true
  /** What changed before the first answer came: that may be older. */
  let changedBefore: Set<string> | null = new Set()
  let isStopped = false

  function take(id: string, document: Stored | null): boolean {
    changedBefore?.add(id)
    if (document === null || !isMatch(document)) return held.delete(id)
    if (query.sort !== undefined || !held.has(id)) isOrdered = false
    held.set(id, plainOf(document))
    return true
  }
  // Not by `collection.$`: RxDB (17.6.0) keeps every event that passes there for ever (EVENT_BULK_CACHE in its rx-change-event.js).
  const subscription = collection.eventBulks$.subscribe(({ events, isLocal }) => {
    if (isLocal) return
    let isChanged = false
    for (const { documentId, documentData, operation } of events)
      if (take(documentId, operation === 'DELETE' ? null : (documentData as Stored))) isChanged = true
    if (isChanged && changedBefore === null) onChange()
  })
  answerOf(collection, query).then(
    (documents) => {
      if (isStopped) return
      const changed = changedBefore
      changedBefore = null
      for (const document of documents) if (changed?.has(document.id) !== true) held.set(document.id, plainOf(document))
      isOrdered = false
      onChange()
    },
    (thrown: unknown) => {
      // A database that is closed under a page that leaves it answers nobody any more.
      if (!isStopped) throw thrown
    },
  )

  return {
    read() {
      if (!isOrdered) held = new Map([...held].sort(([, a], [, b]) => compare(a, b)))
      isOrdered = true
      return [...held.values()]
    },
    stop() {
      isStopped = true
      subscription.unsubscribe()
    },
  }
}

/**
 * What a query finds now, from the storage itself: RxDB's own answer is an object with a life of its own for each document, of which only the document
 * is wanted.
 */
async function answerOf(collection: RxCollection, query: MangoQuery): Promise<readonly Stored[]> {
  // Safe: the collection's documents have an id.
  const storage = collection.storageInstance as unknown as {
    findDocumentsById(ids: string[], deleted: boolean): Promise<Stored[]>
    query(prepared: unknown): Promise<{ documents: Stored[] }>
  }
  const id = onlyId(query)
  if (id !== null) return storage.findDocumentsById([id], false)
  return (await storage.query(collection.find(query).getPreparedQuery())).documents
}

/** The id that a query asks for, where it asks for nothing else. */
function onlyId({ selector, skip, limit }: MangoQuery): string | null {
  const entries = Object.entries(selector ?? {})
  const [only] = entries
  const isAlone = entries.length === 1 && skip === undefined && limit === undefined
  return isAlone && only?.[0] === 'id' && typeof only[1] === 'string' ? only[1] : null
}

const byId = (a: unknown, b: unknown): number => ((a as Stored).id < (b as Stored).id ? -1 : 1)

const comparatorOf = (collection: RxCollection, query: MangoQuery): ((a: unknown, b: unknown) => number) =>
  getSortComparator(collection.schema.jsonSchema, normalizeMangoQuery(collection.schema.jsonSchema, query))

function matcherOf(collection: RxCollection, query: MangoQuery): (document: Stored) => boolean {
  const entries = Object.entries(query.selector ?? {})
  if (entries.length === 0) return () => true
  const wanted = onlyId(query)
  if (wanted !== null) return ({ id }) => id === wanted
  const normal = normalizeMangoQuery(collection.schema.jsonSchema, query)
  return getQueryMatcher(collection.schema.jsonSchema, normal) as (document: Stored) => boolean
}
