import type { Hash } from 'node:crypto'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { JsonObject } from '#shared/json.ts'
import type { ProjectedChange, Projector } from './projector.ts'
import { inTransaction } from './tables.ts'

/** Feeds the projectors and keeps their tables of the right version. */
export function createProjectors(database: DatabaseSync) {
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
          replay(database, projector)
          remember.run(projector.name, projector.version, JSON.stringify(projector.tables))
        }
      })
      registered.push(projector)
    },
    feed(change: ProjectedChange): void {
      for (const projector of registered) projector.onChange(database, change)
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

/** In pages read whole: a projector may write while it is fed, and a statement that is being stepped must not see that. */
function replay(database: DatabaseSync, projector: Projector): void {
  const page = database.prepare(`
    SELECT ordinal, owner_id, collection, id, body FROM documents JOIN stores ON number = store
    WHERE deleted = 0 AND ordinal > ? ORDER BY ordinal LIMIT 1000`)
  for (let after = 0, rows = readPage(page, after); rows.length > 0; rows = readPage(page, after))
    for (const row of rows) {
      after = row.ordinal
      projector.onChange(database, {
        ownerId: row.owner_id,
        collection: row.collection,
        id: row.id,
        document: JSON.parse(row.body) as JsonObject & { id: string },
        previous: () => null,
      })
    }
}

interface ReplayRow {
  ordinal: number
  owner_id: string | null
  collection: string
  id: string
  body: string
}
const readPage = (page: StatementSync, after: number) => page.all(after) as unknown as ReplayRow[]

const quoted = (table: string) => `"${table.replaceAll('"', '""')}"`
const bigintAsText = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)
