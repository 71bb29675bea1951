import { getQueryMatcher, getSortComparator, normalizeMangoQuery, type MangoQuery, type RxCollection, type RxDocument } from 'rxdb'
import { BehaviorSubject } from 'rxjs'
import type { CollectionName } from '#shared/collections/collections.ts'
import type { WireDocument } from '#shared/sync/protocol.ts'
import type { Database } from './database.ts'
import { followQuery, type Followed } from './followQuery.ts'
import { archivedInput, olderInput, readOlder, type Older } from './older.ts'

/** What a query found, kept current. `loaded` is false only until there is an answer for the first time. */
export interface SourceList {
  readonly documents: BehaviorSubject<readonly WireDocument[]>
  readonly loaded: BehaviorSubject<boolean>
  stop(): void
}

export interface ListSource {
  open(name: CollectionName, query: MangoQuery): SourceList
  /** Ends all lists. */
  stop(): void
}

/** Many changes in a row are told together: a list of thousands, which costs as much to go through, once a second. */
const gatherMs = (documents: number): number => Math.min(1_000, Math.max(120, documents / 5))

const plainDocuments = new WeakMap<object, unknown>()

/** Documents without RxDB's own fields; the same version of a document is always the same object, so that versions can be told apart. */
function plain(document: RxDocument): unknown {
  let value = plainDocuments.get(document)
  if (value === undefined) {
    value = document.toJSON()
    plainDocuments.set(document, value)
  }
  return value
}

/** The newest few of a query: which they are after a change only the storage knows. */
function watchQuery(collection: RxCollection, query: MangoQuery, onChange: () => void): Followed {
  let found: readonly RxDocument[] = []
  const subscription = collection.find(query).$.subscribe((next) => {
    found = next
    onChange()
  })
  return { read: () => found.map(plain), stop: () => subscription.unsubscribe() }
}

/**
 * Live queries by collection and query.
 * @param older asks for what a page does not hold of a large farm; null: it holds everything
 * @param heldSince for a peer that holds everything except what is old: everything since then; null: the peer holds a window
 * @param isSynced whether the collection was pulled once; an empty answer before that is not an answer
 */
export function createListSource(
  database: Database,
  isSynced: { get(name: CollectionName): boolean; onChange(listener: () => void): () => void },
  older: Older | null = null,
  heldSince: (() => number) | null = null,
): ListSource {
  const opened = new Set<SourceList>()

  function open(name: CollectionName, query: MangoQuery): SourceList {
    const documents = new BehaviorSubject<readonly WireDocument[]>([])
    const loaded = new BehaviorSubject(false)
    let answered = false
    let held: readonly WireDocument[] = []
    let fetched: ReturnType<typeof createFetched> | null = null
    let isPending = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const settle = (): void => {
      if (!loaded.value && answered && (documents.value.length > 0 || isSynced.get(name))) loaded.next(true)
    }
    const show = (): void => documents.next(fetched === null ? held : fetched.with(held))
    const flush = (): void => {
      timer = undefined
      if (!isPending) return
      isPending = false
      // Every document has an id.
      held = source.read() as readonly WireDocument[]
      show()
      answered = true
      settle()
      timer = setTimeout(flush, gatherMs(held.length))
    }
    // One collection out of the union of all: its documents are only turned into plain ones here.
    const collection = database.collections[name] as unknown as RxCollection
    const watched = query.limit === undefined ? followQuery : watchQuery
    const source = watched(collection, query, () => {
      isPending = true
      if (timer === undefined) flush()
    })
    const stopOlder = older === null ? () => undefined : fetchOlder(older)
    const stopWatching = isSynced.onChange(() => {
      // What was written just now is among the answer: an empty list is not taken for all there is.
      clearTimeout(timer)
      flush()
      settle()
    })

    /** What is older than the page holds comes once, when there is a line, and stays as it was: it is over. */
    function fetchOlder(from: Older): () => void {
      const input = heldSince === null ? olderInput(name, query) : archivedInput(name, query)
      if (input === null) return () => undefined
      let state: 'waiting' | 'asking' | 'done' = 'waiting'
      const begin = (): void => {
        // One document by its id is only asked for when it is not here.
        if (state !== 'waiting' || (input.ids !== undefined && (!isSynced.get(name) || held.length > 0))) return
        state = 'asking'
        const found = createFetched(collection, query)
        const enough = (read: number): boolean => query.limit === undefined || read >= query.limit
        const before = heldSince === null || input.ids !== undefined ? {} : { before: { at: heldSince(), id: '' } }
        void readOlder(from, { ...input, ...before }, enough, (page) => {
          if (!found.add(page)) return
          fetched = found
          show()
          settle()
        }).then((isOver) => (state = isOver ? 'done' : 'waiting'))
      }
      const stops = [from.onLive(begin), isSynced.onChange(begin)]
      begin()
      return () => {
        for (const stop of stops) stop()
      }
    }
    const list: SourceList = {
      ...{ documents, loaded },
      stop() {
        if (!opened.delete(list)) return
        clearTimeout(timer)
        source.stop()
        stopWatching()
        stopOlder()
      },
    }
    opened.add(list)
    return list
  }

  return {
    open,
    stop() {
      for (const list of [...opened]) list.stop()
    },
  }
}

/** Documents that came from the peer beside those that are held, as the query wants them. */
function createFetched(collection: RxCollection, query: MangoQuery) {
  const normal = normalizeMangoQuery(collection.schema.jsonSchema, query as never)
  const matches = getQueryMatcher(collection.schema.jsonSchema, normal as never) as (document: unknown) => boolean
  const compare = getSortComparator(collection.schema.jsonSchema, normal as never) as (a: unknown, b: unknown) => number
  const known = new Map<string, WireDocument>()
  return {
    /** Whether there was anything new. */
    add(page: readonly WireDocument[]): boolean {
      const before = known.size
      for (const document of page) if (matches(document)) known.set(document.id, document)
      return known.size > before
    },
    /** Those that are held are newer than what came once. */
    with(held: readonly WireDocument[]): WireDocument[] {
      const ids = new Set(held.map(({ id }) => id))
      const rest = [...known.values()].filter(({ id }) => !ids.has(id))
      const all = [...held, ...rest].sort(compare)
      return query.limit === undefined ? all : all.slice(0, query.limit)
    },
  }
}
