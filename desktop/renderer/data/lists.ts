import type { MangoQuery, RxCollection, RxDocument } from 'rxdb'
import { shallowRef, type ShallowRef } from 'vue'
import type { CollectionName, Documents } from '#shared/collections/collections.ts'
import type { Database } from './database.ts'

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
/** Many changes in a row are painted together. */
const gatherMs = 120

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

/**
 * Live queries by collection and query.
 * @param isSynced whether the collection was pulled once; an empty answer before that is not an answer
 */
export function createLists(
  database: Database,
  isSynced: { get(name: CollectionName): boolean; onChange(listener: () => void): () => void },
): Lists {
  const entries = new Map<string, Entry>()

  function open(name: CollectionName, query: MangoQuery): Entry {
    const documents = shallowRef<readonly unknown[]>([])
    const loaded = shallowRef(false)
    let answered = false
    let pending: readonly RxDocument[] | null = null
    let timer: ReturnType<typeof setTimeout> | undefined
    const settle = (): void => {
      if (answered && (documents.value.length > 0 || isSynced.get(name))) loaded.value = true
    }
    const flush = (): void => {
      timer = undefined
      if (pending === null) return
      documents.value = pending.map(plain)
      pending = null
      answered = true
      settle()
      timer = setTimeout(flush, gatherMs)
    }
    // One collection out of the union of all: its documents are only turned into plain ones here.
    const collection = database.collections[name] as unknown as RxCollection
    const subscription = collection.find(query).$.subscribe((found) => {
      pending = found
      if (timer === undefined) flush()
    })
    const stopWatching = isSynced.onChange(settle)
    return {
      list: { documents, loaded },
      users: 0,
      linger: undefined,
      stop() {
        clearTimeout(timer)
        subscription.unsubscribe()
        stopWatching()
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
