import type { StorageKind } from '../messages.ts'
import { openBrowserDatabase, type OpenedDatabase } from './browserDatabase.ts'
import { openDatabase } from './database.ts'
import { within } from './within.ts'

/** A browser whose storage is broken may never answer; one that is slow may take so long. */
const openWithinMs = 30_000

/** Where a page's database lies: in the browser's storage while that does its work, in memory from then on. */
export interface PageStorage {
  open(name: string): Promise<OpenedDatabase>
  /** Whether what is open outlives the page. */
  isKept(): boolean
  /** The database that is open has failed; the next one lies elsewhere, or is a fresh one. */
  failed(thrown: unknown): void
}

/**
 * @param onFailure the open database no longer reads or writes; called for everything that fails
 * @param onGivenUp from now on nothing is kept in this browser
 */
export function createPageStorage(
  kind: StorageKind,
  onFailure: (thrown: unknown) => void,
  onGivenUp: (thrown: unknown) => void,
): PageStorage {
  let isKept = kind === 'browser'
  let hasBegunAnew = false
  /** What one that is left still says is not of the one that follows. */
  let opened = 0

  function giveUp(thrown: unknown): void {
    isKept = false
    onGivenUp(thrown)
  }
  return {
    isKept: () => isKept,
    async open(name) {
      if (isKept) {
        const mine = ++opened
        const opening = openBrowserDatabase(name, (thrown) => {
          if (mine === opened) onFailure(thrown)
        })
        try {
          return await within(opening, openWithinMs)
        } catch (thrown) {
          // One that opens too late is not used any more.
          void opening.then(({ close }) => close()).catch(() => undefined)
          giveUp(thrown)
        }
      }
      // RxDB keeps what a memory database held until it is removed. Its windows are kept by the peer.
      const database = await openDatabase(`${name}-memory`, 'memory')
      return { database, close: async () => void (await database.remove()), isAlone: () => Promise.resolve(false) }
    },
    failed(thrown) {
      opened += 1
      // A person may have deleted it: it is kept anew, once. A disk that is full would be full again.
      if (hasBegunAnew || isFull(thrown)) return giveUp(thrown)
      hasBegunAnew = true
    },
  }
}

/** Dexie puts the browser's reason into its own. */
const isFull = (thrown: unknown): boolean => String(thrown).includes('QuotaExceeded')
