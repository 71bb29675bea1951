import { createRxDatabase, type RxCollection, type RxConflictHandler, type RxDatabase, type RxStorage } from 'rxdb'
import { collectionNames, type CollectionName, type Documents } from '#shared/collections/collections.ts'
import { storageSchema } from '#shared/collections/storageSchema.ts'
import { jsonEquals } from '#shared/json.ts'
import { asAppError } from './storeErrors.ts'
import { healOrder, type ChangeOrdered } from './healOrder.ts'
import type { LocalDatabase } from './localDatabase.ts'

export type RuntimeCollections = { [Name in CollectionName]: RxCollection<Documents[Name]> }

/** The replicated documents of this computer, durable in the given storage. */
export interface RuntimeDatabase {
  rx: RxDatabase<RuntimeCollections>
  collections: RuntimeCollections
  /** Names this store: another file, or an order of changes that is not to be trusted any more, is another epoch. */
  epoch: string
  /** Counts how often the computer's clock was found set back (see healOrder.ts). */
  era: number
  /** Made with the file: a file that was lost or set aside has another one. */
  token: string
  close(): Promise<void>
}

export interface OpenDatabaseOptions {
  /** Lower-case letters, digits and `-`. One database for each server and owner, so that worlds stay apart. */
  name: string
  storage: RxStorage<object, object>
  local: LocalDatabase
  now: () => number
}

/** Conflicts are settled by the replication handlers while pushing; what comes back from them wins. */
const peerWins: RxConflictHandler<object> = {
  isEqual: (left, right) => jsonEquals(left, right),
  resolve: (input) => Promise.resolve(input.realMasterState),
}

/** Opens or creates the 11 collections. Rejects with AppErrorException STORE_CORRUPT, DATA_FOLDER_READ_ONLY, DATA_FOLDER_IN_USE or DISK_FULL. */
export async function openDatabase({ name, storage, local, now }: OpenDatabaseOptions): Promise<RuntimeDatabase> {
  let opened: RxDatabase<RuntimeCollections> | undefined
  try {
    const rx = await createRxDatabase<RuntimeCollections>({
      name,
      storage,
      multiInstance: false,
      eventReduce: true,
      ignoreDuplicate: false,
    })
    opened = rx
    const creators = Object.fromEntries(
      collectionNames.map((collection) => [collection, { schema: storageSchema(collection), conflictHandler: peerWins }]),
    )
    // Safe: the creators are made from the same table as the type.
    const collections = (await rx.addCollections(creators)) as unknown as RuntimeCollections
    // Safe: healing rewrites documents as they are, whatever their type.
    const instances = Object.values(collections).map((collection) => collection.storageInstance as unknown as ChangeOrdered)
    const era = await healOrder(instances, local, now)
    const token = await rx.storageToken
    return { rx, collections, epoch: `${token}-${era}`, era, token, close: () => rx.close().then(() => undefined) }
  } catch (thrown) {
    // What was thrown says more than what closing a half-open database may add.
    await opened?.close().catch(() => undefined)
    throw asAppError(thrown)
  }
}
