import { createRxDatabase, defaultCacheReplacementPolicyMonad, type RxCollection, type RxDatabase, type RxStorage } from 'rxdb'
import { collectionNames, type CollectionName, type Documents } from '#shared/collections/collections.ts'
import { storageSchema } from '#shared/collections/storageSchema.ts'
import type { StorageKind } from '../messages.ts'

type Collections = { [Name in CollectionName]: RxCollection<Documents[Name]> }
export type Database = RxDatabase<Collections>

async function storageOf(kind: StorageKind, onFailure: (thrown: unknown) => void): Promise<RxStorage<unknown, unknown>> {
  if (kind === 'memory') return (await import('rxdb/plugins/storage-memory')).getRxStorageMemory()
  return (await import('./browserStorage.ts')).browserStorage(onFailure)
}

/** A page never asks the same twice, and lists are followed in their own way: RxDB would keep what the last hundred questions found. */
const keepNoAnswers = defaultCacheReplacementPolicyMonad(0, 0)

/** How RxDB makes a collection of the page. */
export const collectionDefinition = (name: CollectionName) => ({ schema: storageSchema(name), cacheReplacementPolicy: keepNoAnswers })

/**
 * Opens the page's database. `name` says whose it is: another server or owner gets another database.
 * @param onFailure the browser's storage failed, see browserStorage
 */
export async function openDatabase(
  name: string,
  kind: StorageKind,
  onFailure: (thrown: unknown) => void = () => undefined,
): Promise<Database> {
  const database = await createRxDatabase<Collections>({
    name,
    storage: await storageOf(kind, onFailure),
    // Two tabs against a gateway share one IndexedDB.
    multiInstance: kind === 'browser',
    eventReduce: true,
    closeDuplicates: true,
  })
  const definitions = Object.fromEntries(collectionNames.map((collection) => [collection, collectionDefinition(collection)]))
  // The storage schemas describe only what is indexed, so RxDB cannot derive the document types: they come from the zod schemas.
  await database.addCollections(definitions)
  return database
}
