import { collectionNames, collections, type CollectionName } from '#shared/collections/collections.ts'
import { dashboardWindows } from '#shared/sync/windows.ts'
import { collectionDefinition, type Database } from './database.ts'

/** A window that has grown to so many times its size is begun anew. */
const timesTheWindow = 3

/** How many documents of a collection a browser keeps at most before it is begun anew; null: all there are. */
export function mostKept(name: CollectionName): number | null {
  const window = dashboardWindows[name]
  // What the page itself writes may wait to be sent: it is never thrown away here.
  return window === undefined || collections[name].writer === 'owner' ? null : window.newest * timesTheWindow
}

/** The collections that have outgrown their windows. */
export async function collectionsToTrim(database: Database): Promise<CollectionName[]> {
  const counts = await Promise.all(
    collectionNames.map(async (name) => {
      const most = mostKept(name)
      return most !== null && (await database.collections[name].count().exec()) > most ? [name] : []
    }),
  )
  return counts.flat()
}

/**
 * Keeps the browser's database from growing for ever: since its window was pulled, a collection has taken in everything that came. One that has
 * become too large is dropped with the place of its replication, so that its window is pulled again, and nothing is pushed. (Removing its older
 * documents one by one would leave a mark of each, and the next change of one would be taken for a conflict.)
 * @returns the collections that were begun anew
 */
export async function trimDatabase(database: Database): Promise<CollectionName[]> {
  const dropped = await collectionsToTrim(database)
  for (const name of dropped) {
    await database.collections[name].remove()
    await database.addCollections({ [name]: collectionDefinition(name) })
  }
  return dropped
}
