import { createRequire } from 'node:module'

/** Only the error counts here; what else a call gives is passed on as it is. */
type Done = (error?: Error | null, ...given: unknown[]) => void
interface Iterator {
  _next: (this: Iterator, callback: Done) => void
}
/** What LevelDB's binding has below its public face, and PouchDB's `db` option is given. */
interface Down {
  _open: (this: Down, options: object, callback: Done) => void
  _get: (this: Down, key: unknown, options: object, callback: Done) => void
  _put: (this: Down, key: unknown, value: unknown, options: object, callback: Done) => void
  _del: (this: Down, key: unknown, options: object, callback: Done) => void
  _batch: (this: Down, operations: unknown[], options: object, callback: Done) => void
  _iterator: (this: Down, options: object) => Iterator
}
interface Leveldown {
  (location: string): Down
  destroy: (location: string, callback: Done) => void
}

// The very LevelDB that PouchDB brings: it has no dependency of ours and must not be bundled (it is native).
const requireFromPouch = createRequire(createRequire(import.meta.url).resolve('pouchdb'))
const leveldown = requireFromPouch('leveldown') as Leveldown

const openOptions = { cacheSize: 2 * 1024 * 1024, writeBufferSize: 2 * 1024 * 1024, maxOpenFiles: 100 }

/** A file of the database at `location` is damaged; `reason` is LevelDB's word. */
export type OnDamage = (location: string, reason: string) => void

/**
 * LevelDB with every write synced to disk before it is acknowledged (its default leaves that to the system, and PouchDB does not ask for it),
 * and with small caches, because there is one database per owner and collection. `onDamage` is told in place of PouchDB, which takes a document
 * that cannot be read for one that is not there, or throws where nobody catches: what it waits for then never comes.
 */
export function createSyncedLeveldown(onDamage: OnDamage) {
  function syncedLevel(location: string): Down {
    const heed =
      (callback: Done): Done =>
      (error, ...given) => {
        if (error instanceof Error && /corrupt/i.test(error.message)) onDamage(location, error.message)
        else callback(error, ...given)
      }
    const down = leveldown(location)
    const { _open, _get, _put, _del, _batch, _iterator } = down
    down._open = (options, callback) => _open.call(down, { ...options, ...openOptions }, heed(callback))
    down._get = (key, options, callback) => _get.call(down, key, options, heed(callback))
    down._put = (key, value, options, callback) => _put.call(down, key, value, { ...options, sync: true }, heed(callback))
    down._del = (key, options, callback) => _del.call(down, key, { ...options, sync: true }, heed(callback))
    down._batch = (operations, options, callback) => _batch.call(down, operations, { ...options, sync: true }, heed(callback))
    down._iterator = (options) => {
      const iterator = _iterator.call(down, options)
      const { _next } = iterator
      iterator._next = (callback) => _next.call(iterator, heed(callback))
      return iterator
    }
    return down
  }
  return Object.assign(syncedLevel, { destroy: leveldown.destroy })
}

/** For tools and tests that open a database themselves: damage is thrown. */
export const syncedLeveldown = createSyncedLeveldown((location, reason) => {
  throw new Error(`${location}: ${reason}`)
})
