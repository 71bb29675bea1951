import { BehaviorSubject } from 'rxjs'
import type { CollectionName } from '#shared/collections/collections.ts'

/** Fewer changes than this arrive too quickly to be worth a word. */
const worthSaying = 300

export interface CatchUp {
  /** Documents that came since the connection was made, while more are on their way; null when the page is current. */
  count: BehaviorSubject<number | null>
  /** A connection was made: these collections are to be pulled. */
  begin: (collections: readonly CollectionName[]) => void
  pulled: (collection: CollectionName, count: number, caughtUp: boolean) => void
  /** Was the collection pulled to its end at least once? */
  get(collection: CollectionName): boolean
  onChange(listener: () => void): () => void
  whenPulled(collection: CollectionName): Promise<void>
  reset(): void
}

/** Counts how far the page is behind its peer. */
export function createCatchUp(): CatchUp {
  const count = new BehaviorSubject<number | null>(null)
  const tell = (next: number | null): void => {
    if (next !== count.value) count.next(next)
  }
  const listeners = new Set<() => void>()
  const synced = new Set<CollectionName>()
  let open = new Set<CollectionName>()
  let received = 0
  const onChange: CatchUp['onChange'] = (listener) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  return {
    ...{ count, onChange },
    whenPulled: (collection) =>
      new Promise((resolve) => {
        const stop = onChange(look)
        function look(): void {
          if (!synced.has(collection)) return
          stop()
          resolve()
        }
        look()
      }),
    begin(collections) {
      open = new Set(collections)
      received = 0
    },
    pulled(collection, documents, caughtUp) {
      received += documents
      if (caughtUp) {
        open.delete(collection)
        if (!synced.has(collection)) {
          synced.add(collection)
          for (const listener of [...listeners]) listener()
        }
      }
      tell(open.size > 0 && received >= worthSaying ? received : null)
    },
    get: (collection) => synced.has(collection),
    reset() {
      synced.clear()
      open.clear()
      received = 0
      tell(null)
    },
  }
}
