import type { RxDocumentData, RxJsonSchema } from 'rxdb'
import { createLayout, indexedPaths, type CollectionLayout } from './collectionLayout.ts'
import type { Connection } from './connection.ts'
import { StoreError } from './storeError.ts'

/** Version of the tables' layout, in SQLite's `user_version`. */
const FORMAT = 1

const CREATE_CATALOGUE = `
  CREATE TABLE IF NOT EXISTS collections (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    database_name TEXT NOT NULL,
    collection_name TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    paths TEXT NOT NULL,
    UNIQUE (database_name, collection_name, schema_version)
  );
  PRAGMA user_version = ${FORMAT};
`

export interface CollectionKey<RxDocType> {
  databaseName: string
  collectionName: string
  schema: Readonly<RxJsonSchema<RxDocumentData<RxDocType>>>
}

/**
 * Finds or creates the tables of a collection. One file holds any number of databases, collections and schema versions: each has
 * its own tables, so that a migration reads the old version beside the new one. Columns and indexes that the schema
 * has and the table lacks are added and filled.
 */
export function openCollection<RxDocType>(connection: Connection, key: CollectionKey<RxDocType>): CollectionLayout {
  return connection.transaction(() => {
    const [format] = connection.get('PRAGMA user_version', []) as [number]
    if (format > FORMAT) throw new StoreError('STORE_TOO_NEW', connection.path)
    if (format === 0) connection.exec(CREATE_CATALOGUE)

    const { id, paths: stored } = findOrAdd(connection, key)
    const paths = [...stored, ...indexedPaths(key.schema).filter((path) => !stored.includes(path))]
    const layout = createLayout(key.schema, id, paths)
    if (stored.length === 0) createTables(connection, layout)
    addColumns(connection, layout, paths.slice(stored.length))
    if (paths.length > stored.length) connection.prepare('UPDATE collections SET paths = ? WHERE id = ?').run(JSON.stringify(paths), id)
    for (const statement of layout.indexes.values()) connection.exec(statement)
    return layout
  })
}

/** Drops the tables of a collection; other versions and collections stay. */
export function dropCollection<RxDocType>(connection: Connection, key: CollectionKey<RxDocType>, layout: CollectionLayout): void {
  connection.transaction(() => {
    connection.exec(`DROP TABLE IF EXISTS ${layout.table}; DROP TABLE IF EXISTS ${layout.attachmentsTable}`)
    connection
      .prepare('DELETE FROM collections WHERE database_name = ? AND collection_name = ? AND schema_version = ?')
      .run(key.databaseName, key.collectionName, key.schema.version)
  })
}

function findOrAdd<RxDocType>(connection: Connection, key: CollectionKey<RxDocType>): { id: number; paths: string[] } {
  const names = [key.databaseName, key.collectionName, key.schema.version] as const
  const found = connection.get(
    'SELECT id, paths FROM collections WHERE database_name = ? AND collection_name = ? AND schema_version = ?',
    names,
  )
  if (found !== undefined) return { id: found[0] as number, paths: JSON.parse(found[1] as string) as string[] }
  const added = connection
    .prepare('INSERT INTO collections (database_name, collection_name, schema_version, paths) VALUES (?, ?, ?, ?)')
    .run(...names, '[]')
  return { id: Number(added.lastInsertRowid), paths: [] }
}

function createTables(connection: Connection, layout: CollectionLayout): void {
  connection.exec(`
    CREATE TABLE IF NOT EXISTS ${layout.table} (id TEXT NOT NULL, deleted INTEGER NOT NULL, lwt REAL NOT NULL, json TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS ${layout.attachmentsTable} (
      document_id TEXT NOT NULL, attachment_id TEXT NOT NULL, digest TEXT NOT NULL, type TEXT NOT NULL, data BLOB NOT NULL,
      PRIMARY KEY (document_id, attachment_id)
    );
  `)
}

function addColumns(connection: Connection, layout: CollectionLayout, paths: readonly string[]): void {
  for (const path of paths) {
    const column = layout.byPath.get(path)
    if (column === undefined) continue
    connection.exec(`ALTER TABLE ${layout.table} ADD COLUMN ${column.name}`)
    const update = connection.prepare(`UPDATE ${layout.table} SET ${column.name} = ? WHERE rowid = ?`)
    for (const [rowid, json] of connection.all(`SELECT rowid, json FROM ${layout.table}`, [])) {
      update.run(column.read(JSON.parse(json as string) as object), rowid as number)
    }
  }
}
