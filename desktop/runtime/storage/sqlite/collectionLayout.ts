import type { SQLInputValue } from 'node:sqlite'
import { getPrimaryFieldOfPrimaryKey, getSchemaByObjectPath, type RxDocumentData, type RxJsonSchema } from 'rxdb'
import { orderedText } from './orderedText.ts'

export type ColumnKind = 'text' | 'number' | 'boolean'

/** A place in the document that has a column of its own, so that SQLite can compare and sort by it. */
export interface Column {
  /** Dotted path in the document, such as `_meta.lwt`. */
  path: string
  name: string
  kind: ColumnKind
  /** The document's value as the column holds it: null when missing. */
  read: (document: object) => SQLInputValue
}

/** How one collection lies in the file: its table, the columns beside the JSON, the indexes over them. */
export interface CollectionLayout {
  table: string
  attachmentsTable: string
  primaryPath: string
  columns: Column[]
  /** The columns' names and `json`, in the order of the insert statement. */
  columnNames: string[]
  byPath: ReadonlyMap<string, Column>
  /** SQL index names by RxDB's index fields joined with commas. */
  indexNames: ReadonlyMap<string, string>
  /** Statements that create the indexes, by name. */
  indexes: ReadonlyMap<string, string>
}

const fixedColumns = { deleted: '_deleted', lwt: '_meta.lwt' } as const

/** The fields that need a column because an index names them; id, deleted and last write time always have theirs. */
export function indexedPaths<RxDocType>(schema: RxJsonSchema<RxDocumentData<RxDocType>>): string[] {
  const primaryPath: string = getPrimaryFieldOfPrimaryKey(schema.primaryKey)
  const fixed = new Set<string>([primaryPath, fixedColumns.deleted, fixedColumns.lwt])
  const paths = indexesOf(schema).flat()
  return [...new Set(paths.filter((path) => !fixed.has(path)))]
}

/**
 * @param collectionId number of the collection in the file; names of tables come from it, never from user text
 * @param paths the fields with columns `field_0`, `field_1`…, in the order in which they were added to the table
 */
export function createLayout<RxDocType>(
  schema: RxJsonSchema<RxDocumentData<RxDocType>>,
  collectionId: number,
  paths: readonly string[],
): CollectionLayout {
  const primaryPath: string = getPrimaryFieldOfPrimaryKey(schema.primaryKey)
  const table = `documents_${collectionId}`
  const columns: Column[] = [
    column(primaryPath, 'id', 'text'),
    column(fixedColumns.deleted, 'deleted', 'boolean'),
    column(fixedColumns.lwt, 'lwt', 'number'),
    ...paths.map((path, position) => column(path, `field_${position}`, kindOf(schema, path))),
  ]
  const columnNames = [...columns.map((each) => each.name), 'json']
  const byPath = new Map(columns.map((each) => [each.path, each]))
  const indexNames = new Map<string, string>()
  const indexes = new Map<string, string>()

  const idIndex = `${table}_id`
  indexes.set(idIndex, `CREATE UNIQUE INDEX IF NOT EXISTS ${idIndex} ON ${table} (id)`)
  indexNames.set(primaryPath, idIndex)
  // Most documents are alive, so the order of ids serves this index as well, without one more tree to write to.
  indexNames.set(`${fixedColumns.deleted},${primaryPath}`, idIndex)
  // cleanup() looks for old deleted documents only: living ones cost nothing here.
  const deletedIndex = `${table}_deleted`
  indexes.set(deletedIndex, `CREATE INDEX IF NOT EXISTS ${deletedIndex} ON ${table} (lwt, id) WHERE deleted = 1`)

  for (const index of indexesOf(schema)) {
    const key = index.join(',')
    if (indexNames.has(key)) continue
    const names = index.map((path) => byPath.get(path)?.name ?? '')
    const name = `${table}_by_${names.join('_')}`
    indexNames.set(key, name)
    indexes.set(name, `CREATE INDEX IF NOT EXISTS ${name} ON ${table} (${names.join(', ')})`)
  }
  return { table, attachmentsTable: `attachments_${collectionId}`, primaryPath, columns, columnNames, byPath, indexNames, indexes }
}

function indexesOf<RxDocType>(schema: RxJsonSchema<RxDocumentData<RxDocType>>): string[][] {
  const indexes: readonly (string | readonly string[])[] = schema.indexes ?? []
  const primaryPath: string = getPrimaryFieldOfPrimaryKey(schema.primaryKey)
  const byChange = [fixedColumns.lwt, primaryPath]
  return [...indexes.map((index) => (typeof index === 'string' ? [index] : [...index])), byChange]
}

function kindOf<RxDocType>(schema: RxJsonSchema<RxDocumentData<RxDocType>>, path: string): ColumnKind {
  const type = getSchemaByObjectPath(schema, path)?.type
  if (type === 'number' || type === 'integer') return 'number'
  return type === 'boolean' ? 'boolean' : 'text'
}

function column(path: string, name: string, kind: ColumnKind): Column {
  const read = path.includes('.') ? readNested(path.split('.')) : (document: object) => (document as Record<string, unknown>)[path]
  return { path, name, kind, read: (document) => toColumnValue(read(document)) }
}

function readNested(keys: readonly string[]): (document: object) => unknown {
  return (document) => {
    let value: unknown = document
    for (const key of keys) {
      if (typeof value !== 'object' || value === null) return undefined
      value = (value as Record<string, unknown>)[key]
    }
    return value
  }
}

/** A JSON value as SQLite compares it; what has no order in a query (missing, object, not a finite number) is null. */
export function toColumnValue(value: unknown): SQLInputValue {
  if (typeof value === 'string') return orderedText(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'boolean') return value ? 1 : 0
  return null
}
