import type { Hash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { JsonObject } from '#shared/json.ts'
import type { ProjectedChange, Projector } from './projector.ts'
import { inTransaction } from './tables.ts'

/** Feeds the projectors and keeps their tables of the right version. */
export function createProjectors(database: DatabaseSync, onReplayed: (documents: number) => void) {
  const registered: Projector[] = []
  const held = database.prepare('SELECT version, tables FROM projectors WHERE name = ?')
  const remember = database.prepare(
    'INSERT INTO projectors VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET version = excluded.version, tables = excluded.tables',
  )

  return {
    register(projector: Projector): void {
      if (registered.some(({ name }) => name === projector.name)) throw new Error(`two projectors are called ${projector.name}`)
      inTransaction(database, () => {
        const row = held.get(projector.name) as { version: number; tables: string } | undefined
        if (row?.version === projector.version) projector.createTables(database)
        else {
          for (const table of new Set([...(JSON.parse(row?.tables ?? '[]') as string[]), ...projector.tables]))
            database.exec(`DROP TABLE IF EXISTS ${quoted(table)}`)
          projector.createTables(database)
          withLargeCache(database, () => replay(database, projector, onReplayed))
          remember.run(projector.name, projector.version, JSON.stringify(projector.tables))
        }
      })
      registered.push(projector)
    },
    feed(change: ProjectedChange): void {
      for (const projector of registered) if (projector.reads.includes(change.collection)) projector.onChange(database, change)
    },
    digest(hash: Hash): void {
      for (const projector of registered.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
        for (const table of projector.tables.toSorted()) {
          const rows = database
            .prepare(`SELECT * FROM ${quoted(table)}`)
            .all()
            .map((row) => JSON.stringify(row, bigintAsText))
          hash.update(`${table}\n${rows.toSorted().join('\n')}\n`)
        }
    },
  }
}

/** Rows come in the order of ids and go all over the tables: with the usual 32 MB a farm's are written and read again and again. */
function withLargeCache(database: DatabaseSync, work: () => void): void {
  const usual = Number(database.prepare('PRAGMA cache_size').get()?.['cache_size'])
  database.exec(`PRAGMA cache_size = ${-replayCacheKiB}`)
  try {
    work()
  } finally {
    database.exec(`PRAGMA cache_size = ${usual}; PRAGMA shrink_memory`)
  }
}
const replayCacheKiB = 256 * 1024

/** In pages read whole: a projector may write while it is fed, and a statement that is being stepped must not see that. */
function replay(database: DatabaseSync, projector: Projector, onReplayed: (documents: number) => void): void {
  const stores = database
    .prepare('SELECT number, owner_id, collection FROM stores WHERE collection IN (SELECT value FROM json_each(?))')
    .all(JSON.stringify(projector.reads)) as unknown as ReplayStore[]
  const page = database.prepare('SELECT id, body FROM documents WHERE store = ? AND id > ? AND deleted = 0 ORDER BY id LIMIT 1000')
  const standing = database.prepare(standsSql)
  const stands = (ownerId: string, collection: string, id: string) => standing.get(ownerId, collection, id) !== undefined
  const readPage = (store: number, afterId: string) => page.all(store, afterId) as unknown as { id: string; body: string }[]
  for (const { number, owner_id: ownerId, collection } of stores)
    for (let rows = readPage(number, ''); rows.length > 0; rows = readPage(number, rows.at(-1)?.id ?? '')) {
      for (const { id, body } of rows) {
        const document = JSON.parse(body) as JsonObject & { id: string }
        projector.onChange(database, { ownerId, collection, id, document, previous: () => null, stands })
      }
      onReplayed(rows.length)
    }
}

/** Whether a document of an owner's collection stands. */
export const standsSql =
  "SELECT 1 FROM documents WHERE store = (SELECT number FROM stores WHERE coalesce(owner_id, '') = ? AND collection = ?) AND id = ? AND deleted = 0"

interface ReplayStore {
  number: number
  owner_id: string | null
  collection: string
}

const quoted = (table: string) => `"${table.replaceAll('"', '""')}"`
const bigintAsText = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)
