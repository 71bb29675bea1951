import type { MangoQuery } from 'rxdb'
import { shallowRef, type ShallowRef } from 'vue'
import type { CollectionName, Documents } from '#shared/collections/collections.ts'
import { createListKeeper, type ListPart } from './listChanges.ts'

/** What a query found, kept current. */
export interface List<Document> {
  readonly documents: Readonly<ShallowRef<readonly Document[]>>
  /** False only until there is an answer for the first time. */
  readonly loaded: Readonly<ShallowRef<boolean>>
}

export interface Lists {
  /** Several users of the same query share it; each call must be released once. */
  take<Name extends CollectionName>(name: Name, query: MangoQuery<Documents[Name]>): { list: List<Documents[Name]>; release: () => void }
}

/** The lists of one database, with what its worker tells of them. */
export interface SharedLists extends Lists {
  part(take: number, part: ListPart): void
  loaded(take: number): void
  end(): void
}

interface Entry {
  take: number
  list: { documents: ShallowRef<readonly unknown[]>; loaded: ShallowRef<boolean> }
  keeper: ReturnType<typeof createListKeeper>
  users: number
  linger: ReturnType<typeof setTimeout> | undefined
}

/** A page that is left and opened again within this time shows at once what it knew. */
const lingerMs = 60_000

/** @param source where a list is asked for, and given back by the number that it got */
export function createSharedLists(source: {
  take(collection: CollectionName, query: MangoQuery): number
  release(take: number): void
}): SharedLists {
  const byKey = new Map<string, Entry>()
  const byTake = new Map<number, Entry>()
  let isOver = false

  function open(key: string, name: CollectionName, query: MangoQuery): Entry {
    const entry: Entry = {
      take: source.take(name, query),
      list: { documents: shallowRef([]), loaded: shallowRef(false) },
      keeper: createListKeeper(),
      users: 0,
      linger: undefined,
    }
    byKey.set(key, entry)
    byTake.set(entry.take, entry)
    return entry
  }
  function close(key: string, entry: Entry): void {
    byKey.delete(key)
    byTake.delete(entry.take)
    source.release(entry.take)
  }

  return {
    take(name, query) {
      const key = `${name} ${JSON.stringify(query)}`
      const entry = byKey.get(key) ?? open(key, name, query as MangoQuery)
      clearTimeout(entry.linger)
      entry.users += 1
      let released = false
      return {
        // The query is of this collection, so what it finds has this collection's type.
        list: entry.list as never,
        release() {
          if (released) return
          released = true
          entry.users -= 1
          if (entry.users === 0 && !isOver) entry.linger = setTimeout(() => close(key, entry), lingerMs)
        },
      }
    },
    part(take, part) {
      const entry = byTake.get(take)
      if (entry === undefined) return
      const documents = entry.keeper.take(part)
      if (documents !== null) entry.list.documents.value = documents
    },
    loaded(take) {
      const entry = byTake.get(take)
      if (entry !== undefined) entry.list.loaded.value = true
    },
    end() {
      isOver = true
      for (const { linger } of byKey.values()) clearTimeout(linger)
      byKey.clear()
      byTake.clear()
    },
  }
}
