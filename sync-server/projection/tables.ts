import type { DatabaseSync } from 'node:sqlite'

/** Raised when the tables change: the file is then dropped and built anew from CouchDB. */
export const projectionVersion = 2

/** A document's `ordinal` is its row's number: a changed document moves to the end, so the table itself is the change log. */
export function createTables(database: DatabaseSync): void {
  database.exec(`
    CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS stores (
      number INTEGER PRIMARY KEY, owner_id TEXT, collection TEXT NOT NULL, feed_seq TEXT
    );
    CREATE UNIQUE INDEX IF NOT EXISTS stores_key ON stores (coalesce(owner_id, ''), collection);
    CREATE TABLE IF NOT EXISTS documents (
      ordinal INTEGER PRIMARY KEY, store INTEGER NOT NULL, id TEXT NOT NULL, rev TEXT NOT NULL,
      node_id TEXT, deleted INTEGER NOT NULL, body TEXT NOT NULL, job_id TEXT, at INTEGER, open INTEGER
    );
    CREATE UNIQUE INDEX IF NOT EXISTS documents_id ON documents (store, id);
    CREATE INDEX IF NOT EXISTS documents_store ON documents (store);
    CREATE INDEX IF NOT EXISTS documents_node ON documents (store, node_id) WHERE node_id IS NOT NULL;
    CREATE INDEX IF NOT EXISTS documents_at ON documents (store, at, id) WHERE at IS NOT NULL;
    CREATE INDEX IF NOT EXISTS documents_node_at ON documents (store, node_id, at, id) WHERE at IS NOT NULL AND node_id IS NOT NULL;
    CREATE INDEX IF NOT EXISTS documents_job_at ON documents (store, job_id, at, id) WHERE at IS NOT NULL AND job_id IS NOT NULL;
    CREATE INDEX IF NOT EXISTS documents_open ON documents (store, id) WHERE open = 1;
    CREATE TABLE IF NOT EXISTS marks (
      store INTEGER NOT NULL, ordinal INTEGER NOT NULL, seq TEXT NOT NULL, PRIMARY KEY (store, ordinal)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS projectors (name TEXT PRIMARY KEY, version INTEGER NOT NULL, tables TEXT NOT NULL) WITHOUT ROWID;
  `)
}

/** Runs `work` in one transaction; nested calls join the outer one. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  if (database.isTransaction) return work()
  database.exec('BEGIN IMMEDIATE')
  try {
    const value = work()
    database.exec('COMMIT')
    return value
  } catch (thrown) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw thrown
  }
}
