import type { AppError } from '#shared/errors/appError.ts'
import type { JsonObject } from '#shared/json.ts'
import type { LocalDatabase } from './localDatabase.ts'

/** A version of a document that the gateway would not take, kept with the reason until somebody looked at it. */
export interface RefusedVersion {
  /** Number of the entry, growing. */
  entry: number
  collection: string
  documentId: string
  document: JsonObject
  error: AppError
  atMs: number
}

const keptPerDocument = 20

/** Where refused versions are set aside; `add` is durable when it returns. */
export function openRefusedVersions(local: LocalDatabase, now: () => number) {
  local.migrate({
    feature: 'refusedVersions',
    steps: [
      `CREATE TABLE refused_versions (
        entry INTEGER PRIMARY KEY AUTOINCREMENT, collection TEXT NOT NULL, document_id TEXT NOT NULL,
        document TEXT NOT NULL, error TEXT NOT NULL, at_ms INTEGER NOT NULL
      );
      CREATE INDEX refused_versions_by_document ON refused_versions (collection, document_id, entry);`,
    ],
  })
  const insert = local.sql.prepare('INSERT INTO refused_versions (collection, document_id, document, error, at_ms) VALUES (?, ?, ?, ?, ?)')
  const newest = local.sql.prepare(
    'SELECT document, error FROM refused_versions WHERE collection = ? AND document_id = ? ORDER BY entry DESC LIMIT 1',
  )
  const trim = local.sql.prepare(
    `DELETE FROM refused_versions WHERE collection = ?1 AND document_id = ?2 AND entry NOT IN (
      SELECT entry FROM refused_versions WHERE collection = ?1 AND document_id = ?2 ORDER BY entry DESC LIMIT ${keptPerDocument})`,
  )
  const all = local.sql.prepare('SELECT * FROM refused_versions ORDER BY entry DESC LIMIT ?')
  const remove = local.sql.prepare('DELETE FROM refused_versions WHERE entry = ?')
  return {
    /** The same version refused for the same reason again (a push that was repeated after a crash) is kept once. */
    add(collection: string, document: JsonObject & { id: string }, error: AppError): void {
      const json = JSON.stringify(document)
      const reason = JSON.stringify(error)
      local.transaction(() => {
        const last = newest.get(collection, document.id)
        if (last?.['document'] === json && last['error'] === reason) return
        insert.run(collection, document.id, json, reason, Math.floor(now()))
        trim.run(collection, document.id)
      })
    },
    /** Newest first. */
    list(limit = 100): RefusedVersion[] {
      return all.all(limit).map((row) => ({
        entry: Number(row['entry']),
        collection: String(row['collection']),
        documentId: String(row['document_id']),
        document: JSON.parse(String(row['document'])) as JsonObject,
        error: JSON.parse(String(row['error'])) as AppError,
        atMs: Number(row['at_ms']),
      }))
    },
    remove: (entry: number) => void remove.run(entry),
  }
}
export type RefusedVersions = ReturnType<typeof openRefusedVersions>
