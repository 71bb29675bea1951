import type { Subscription } from 'rxjs'
import type { RuntimeDatabase } from '../database/openDatabase.ts'
import type { LocalDatabase } from '../database/localDatabase.ts'
import { collections, type CollectionName } from '#shared/collections/collections.ts'
import { normalizeMangoQuery, prepareQuery, type RxStorageInstance } from 'rxdb'

const pushed = (Object.keys(collections) as CollectionName[]).filter((name) => collections[name].writer !== 'server')

/**
 * How many documents were written here and have not left for the gateway yet. Counted as they are written; after a restart, what was
 * written since everything was last sent.
 */
export function createWaitingDocuments(database: RuntimeDatabase, local: LocalDatabase, now: () => number, onChange: () => void) {
  const waiting = new Map<CollectionName, Set<string>>(pushed.map((name) => [name, new Set<string>()]))
  const before = new Map<CollectionName, number>()
  /** When the oldest that waits was written, by RxDB's own time. */
  const oldest = new Map<CollectionName, number>()
  const subscriptions: Subscription[] = []
  const fact = (name: CollectionName) => `allSent/${name}`

  return {
    async start(): Promise<void> {
      for (const name of pushed) {
        // Safe: only ids and times are looked at, whatever the documents' type.
        const instance = database.collections[name].storageInstance as unknown as RxStorageInstance<object, unknown, unknown>
        subscriptions.push(
          instance.changeStream().subscribe((bulk) => {
            // What the replication itself writes came from the gateway.
            if (bulk.context.startsWith('replication-')) return
            for (const event of bulk.events) {
              waiting.get(name)?.add(event.documentId)
              if (!oldest.has(name)) oldest.set(name, event.documentData._meta.lwt)
            }
            onChange()
          }),
        )
        const since = local.readFact(fact(name))
        if (since === null) continue
        const selector = { '_meta.lwt': { $gt: Number(since) } }
        const query = prepareQuery(instance.schema, normalizeMangoQuery<object>(instance.schema, { selector }))
        const { count } = await instance.count(query)
        if (count === 0) continue
        before.set(name, count)
        oldest.set(name, Number(since) + 0.01)
      }
      onChange()
    },
    count(): number {
      let count = 0
      for (const name of pushed) count += (waiting.get(name)?.size ?? 0) + (before.get(name) ?? 0)
      return count
    },
    /** The replication of the collection rests: nothing of it waits. */
    allSent(name: CollectionName): void {
      if (!waiting.has(name) || ((waiting.get(name)?.size ?? 0) === 0 && !before.has(name))) return
      waiting.get(name)?.clear()
      before.delete(name)
      oldest.delete(name)
      onChange()
    },
    /** Remembers for the next start up to when everything is out. */
    remember(): void {
      for (const name of pushed) local.writeFact(fact(name), String((oldest.get(name) ?? now()) - 0.01))
    },
    stop(): void {
      for (const subscription of subscriptions.splice(0)) subscription.unsubscribe()
    },
  }
}
