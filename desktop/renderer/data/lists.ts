import { getQueryMatcher, getSortComparator, normalizeMangoQuery, type MangoQuery, type RxCollection, type RxDocument } from 'rxdb'
import { shallowRef, type ShallowRef } from 'vue'
import type { CollectionName, Documents } from '#shared/collections/collections.ts'
import type { WireDocument } from '#shared/sync/protocol.ts'
import type { Database } from './database.ts'
import { followQuery, type Followed } from './followQuery.ts'
import { archivedInput, olderInput, readOlder, type Older } from './older.ts'

/** What a query found, kept current. `loaded` is false only until there is an answer for the first time. */
export interface List<Document> {
  readonly documents: Readonly<ShallowRef<readonly Document[]>>
  readonly loaded: Readonly<ShallowRef<boolean>>
}

export interface Lists {
  /** Several users of the same query share it; each call must be released once. */
  take<Name extends CollectionName>(name: Name, query: MangoQuery<Documents[Name]>): { list: List<Documents[Name]>; release: () => void }
  stop(): void
}

interface Entry {
  list: { documents: ShallowRef<readonly unknown[]>; loaded: ShallowRef<boolean> }
  users: number
  stop: () => void
  linger: ReturnType<typeof setTimeout> | undefined
}

/** A page that is left and opened again within this time shows at once what it knew. */
const lingerMs = 60_000
/** Many changes in a row are painted together: a list of thousands, which costs as much to go through, once a second. */
const gatherMs = (documents: number): number => Math.min(1_000, Math.max(120, documents / 5))

const plainDocuments = new WeakMap<object, unknown>()

/** Documents without RxDB's own fields; the same version of a document is always the same object, so that rows can compare by identity. */
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
export function createLists(
  database: Database,
  isSynced: { get(name: CollectionName): boolean; onChange(listener: () => void): () => void },
  older: Older | null = null,
  heldSince: (() => number) | null = null,
): Lists {
  const entries = new Map<string, Entry>()

  function open(name: CollectionName, query: MangoQuery): Entry {
    const documents = shallowRef<readonly unknown[]>([])
    const loaded = shallowRef(false)
    let answered = false
    let held: readonly unknown[] = []
    let fetched: ReturnType<typeof createFetched> | null = null
    let isPending = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const settle = (): void => {
      if (answered && (documents.value.length > 0 || isSynced.get(name))) loaded.value = true
    }
    const show = (): void => {
      documents.value = fetched === null ? held : fetched.with(held)
    }
    const flush = (): void => {
      timer = undefined
      if (!isPending) return
      isPending = false
      held = source.read()
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
    function fetchOlder(source: Older): () => void {
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
        void readOlder(source, { ...input, ...before }, enough, (page) => {
          if (!found.add(page)) return
          fetched = found
          show()
          settle()
        }).then((isOver) => (state = isOver ? 'done' : 'waiting'))
      }
      const stops = [source.onLive(begin), isSynced.onChange(begin)]
      begin()
      return () => {
        for (const stop of stops) stop()
      }
    }
    return {
      list: { documents, loaded },
      users: 0,
      linger: undefined,
      stop() {
        clearTimeout(timer)
        source.stop()
        stopWatching()
        stopOlder()
      },
    }
  }

  return {
    take(name, query) {
      const key = `${name} ${JSON.stringify(query)}`
      let entry = entries.get(key)
      if (!entry) {
        entry = open(name, query as MangoQuery)
        entries.set(key, entry)
      }
      const mine = entry
      clearTimeout(mine.linger)
      mine.users += 1
      let released = false
      return {
        // The query is of this collection, so what it finds has this collection's type.
        list: mine.list as never,
        release() {
          if (released) return
          released = true
          mine.users -= 1
          if (mine.users > 0) return
          mine.linger = setTimeout(() => {
            mine.stop()
            entries.delete(key)
          }, lingerMs)
        },
      }
    },
    stop() {
      for (const entry of entries.values()) {
        clearTimeout(entry.linger)
        entry.stop()
      }
      entries.clear()
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
    with(held: readonly unknown[]): unknown[] {
      const ids = new Set(held.map((document) => (document as WireDocument).id))
      const rest = [...known.values()].filter(({ id }) => !ids.has(id))
      const all = [...held, ...rest].sort(compare)
      return query.limit === undefined ? all : all.slice(0, query.limit)
    },
  }
}
