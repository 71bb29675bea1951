import { createRequire } from 'node:module'

type Done = (error?: Error) => void
/** What LevelDB's binding has below its public face, and PouchDB's `db` option is given. */
interface Down {
  _open: (this: Down, options: object, callback: Done) => void
  _put: (this: Down, key: unknown, value: unknown, options: object, callback: Done) => void
  _del: (this: Down, key: unknown, options: object, callback: Done) => void
  _batch: (this: Down, operations: unknown[], options: object, callback: Done) => void
}
interface Leveldown {
  (location: string): Down
  destroy: (location: string, callback: Done) => void
}

// The very LevelDB that PouchDB brings: it has no dependency of ours and must not be bundled (it is native).
const requireFromPouch = createRequire(createRequire(import.meta.url).resolve('pouchdb'))
const leveldown = requireFromPouch('leveldown') as Leveldown

const openOptions = { cacheSize: 2 * 1024 * 1024, writeBufferSize: 2 * 1024 * 1024, maxOpenFiles: 100 }

/**
 * LevelDB with every write synced to disk before it is acknowledged (its default leaves that to the system, and PouchDB does not ask for it),
 * and with small caches, because there is one database per owner and collection.
 */
function syncedLevel(location: string): Down {
  const down = leveldown(location)
  const { _open, _put, _del, _batch } = down
  down._open = (options, callback) => _open.call(down, { ...options, ...openOptions }, callback)
  down._put = (key, value, options, callback) => _put.call(down, key, value, { ...options, sync: true }, callback)
  down._del = (key, options, callback) => _del.call(down, key, { ...options, sync: true }, callback)
  down._batch = (operations, options, callback) => _batch.call(down, operations, { ...options, sync: true }, callback)
  return down
}

export const syncedLeveldown = Object.assign(syncedLevel, { destroy: leveldown.destroy })
