import { openDatabase, type Database } from './database.ts'
import { trimDatabase } from './trimDatabase.ts'

/**
 * Opens the database that this browser keeps, and trims it when no other page has it open: dropping a collection would close it there. Pages
 * open it one after the other, so that none opens what another is trimming. @returns with `close`, after which the page must not use it
 */
export async function openBrowserDatabase(name: string): Promise<{ database: Database; close: () => Promise<void> }> {
  const pageLock = `${name}.page`
  // Without a secure origin a browser has no locks; then nobody knows who else is here, and nothing is trimmed.
  const locks = 'locks' in navigator ? navigator.locks : null
  if (locks === null) {
    const database = await openDatabase(name, 'browser')
    return { database, close: async () => void (await database.close()) }
  }
  return locks.request(`${name}.opening`, async () => {
    const release = await hold(locks, pageLock)
    try {
      const database = await openDatabase(name, 'browser')
      const { held = [] } = await locks.query()
      if (held.filter((lock) => lock.name === pageLock).length === 1) await trimDatabase(database)
      return {
        database,
        async close() {
          await database.close()
          release()
        },
      }
    } catch (error) {
      release()
      throw error
    }
  })
}

/** Takes a lock that several may have, until the returned function is called or the page is gone. */
function hold(locks: LockManager, name: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    locks.request(name, { mode: 'shared' }, () => new Promise<void>((done) => resolve(done))).catch(reject)
  })
}
