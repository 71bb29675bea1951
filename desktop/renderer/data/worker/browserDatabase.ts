import { openDatabase, type Database } from './database.ts'
import { trimDatabase } from './trimDatabase.ts'

export interface OpenedDatabase {
  database: Database
  /** Afterwards the page must not use it. */
  close: () => Promise<void>
  /** Whether no other page has it open, so that it would be trimmed if it were opened now. */
  isAlone: () => Promise<boolean>
}

/**
 * Opens the database that this browser keeps, and trims it when no other page has it open: dropping a collection would close it there. Pages
 * open it one after the other, so that none opens what another is trimming. @param onFailure it failed later, see browserStorage
 */
export async function openBrowserDatabase(name: string, onFailure: (thrown: unknown) => void): Promise<OpenedDatabase> {
  const pageLock = `${name}.page`
  // Without a secure origin a browser has no locks; then nobody knows who else is here, and nothing is trimmed.
  const locks = 'locks' in navigator ? navigator.locks : null
  if (locks === null) {
    const database = await openDatabase(name, 'browser', onFailure)
    return { database, close: async () => void (await database.close()), isAlone: () => Promise.resolve(false) }
  }
  const isAlone = async (): Promise<boolean> => {
    const { held = [] } = await locks.query()
    return held.filter((lock) => lock.name === pageLock).length === 1
  }
  return locks.request(`${name}.opening`, async () => {
    const release = await hold(locks, pageLock)
    try {
      const database = await openDatabase(name, 'browser', onFailure)
      if (await isAlone()) await trimDatabase(database)
      return {
        ...{ database, isAlone },
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
