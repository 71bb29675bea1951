import type { RxCollection } from 'rxdb'
import { collectionNames, collections, type CollectionName } from '#shared/collections/collections.ts'
import { jsonEquals } from '#shared/json.ts'
import { mergeFields } from '#shared/rules/fieldMerge.ts'
import type { WireDocument } from '#shared/sync/protocol.ts'
import type { Database } from './database.ts'

/** What an owner changes, and nobody else. */
export const ownerCollections: readonly CollectionName[] = collectionNames.filter((name) => collections[name].writer === 'owner')

/**
 * Takes what an owner changed from a database that is left into the one that follows it, of the same server and owner: the server was put back from an
 * older backup, or the browser's storage has failed. What had not been sent would stay behind; what had been sent the backup may not know.
 */
export interface CarryOver {
  /** Reads what is there; rejects when it cannot be read any more. */
  from(database: Database): Promise<void>
  /** Puts what was read into a collection that has been pulled to its end, where it is newer. @returns the documents that changed; null: there was nothing to put in */
  into(database: Database, name: CollectionName): Promise<string[] | null>
  /** Another owner follows. */
  forget(): void
}

export function createCarryOver(): CarryOver {
  const held = new Map<CollectionName, Map<string, WireDocument>>()
  return {
    async from(database) {
      for (const name of ownerCollections) {
        const documents = await documentsOf(database, name).find().exec()
        const known = held.get(name) ?? new Map<string, WireDocument>()
        for (const document of documents) known.set(document.id, document.toMutableJSON())
        held.set(name, known)
      }
    },
    async into(database, name) {
      const before = held.get(name)
      if (before === undefined) return null
      const changed: string[] = []
      for (const document of await documentsOf(database, name).find().exec()) {
        const ours = before.get(document.id)
        if (ours === undefined || jsonEquals(newest(name, ours, document.toMutableJSON()), document.toMutableJSON())) continue
        await document.incrementalModify((theirs) => newest(name, ours, theirs))
        changed.push(document.id)
      }
      held.delete(name)
      return changed
    },
    forget: () => held.clear(),
  }
}

const newest = (name: CollectionName, ours: WireDocument, theirs: WireDocument): WireDocument => {
  if (collections[name].mergesFields) return { ...theirs, ...mergeFields(ours, theirs) }
  // One writer: the later version holds all that it wrote before.
  return Number(ours['updatedAt'] ?? 0) > Number(theirs['updatedAt'] ?? 0) ? { ...theirs, ...ours } : theirs
}

/** One collection out of the union of all; what it holds are documents. */
const documentsOf = (database: Database, name: CollectionName) => database.collections[name] as unknown as RxCollection<WireDocument>
