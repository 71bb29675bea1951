import type { SQLInputValue } from 'node:sqlite'
import {
  categorizeBulkWriteRows,
  type BulkWriteRow,
  type CategorizeBulkWriteRowsOutput,
  type RxDocumentData,
  type RxStorageInstance,
  type StringKeys,
} from 'rxdb'
import { removeAttachment, saveAttachment, type AttachmentBytes } from './attachments.ts'
import type { CollectionLayout } from './collectionLayout.ts'
import type { Connection } from './connection.ts'
import { findByIds } from './reads.ts'

/**
 * Writes all rows that do not conflict, in one transaction. When this returns they are on disk; when it throws, none is.
 * The conflicting ones come back as errors of the answer.
 */
export function writeRows<RxDocType>(
  instance: RxStorageInstance<RxDocType, unknown, unknown>,
  connection: Connection,
  layout: CollectionLayout,
  rows: BulkWriteRow<RxDocType>[],
  attachments: AttachmentBytes,
  context: string,
): CategorizeBulkWriteRowsOutput<RxDocType> {
  return connection.transaction(() => {
    const hasAttachments = instance.schema.attachments !== undefined
    const open = hasAttachments ? rows : insertNew(connection, layout, rows)
    const stored = findStored<RxDocType>(connection, layout, open)
    const primaryPath = layout.primaryPath as StringKeys<RxDocType>
    const categorized = categorizeBulkWriteRows<RxDocType>(instance, primaryPath, stored, rows, context)

    const upsert = connection.prepare(upsertSql(layout))
    for (const { document, previous } of categorized.bulkInsertDocs) {
      if (hasAttachments || previous !== undefined) upsert.run(...valuesOf(layout, document))
    }
    for (const { document } of categorized.bulkUpdateDocs) upsert.run(...valuesOf(layout, document))
    for (const each of categorized.attachmentsAdd) saveAttachment(connection, layout, each, attachments)
    for (const each of categorized.attachmentsUpdate) saveAttachment(connection, layout, each, attachments)
    for (const each of categorized.attachmentsRemove) removeAttachment(connection, layout, each)
    return categorized
  })
}

/**
 * Inserts the rows that claim to be new and whose id is free, which in an import are all of them: asking for each id first
 * would cost as much again.
 * @returns the rows still to be decided by what is stored
 */
function insertNew<RxDocType>(
  connection: Connection,
  layout: CollectionLayout,
  rows: readonly BulkWriteRow<RxDocType>[],
): BulkWriteRow<RxDocType>[] {
  const insert = connection.prepare(`${insertSql(layout)} ON CONFLICT DO NOTHING`)
  const refused: BulkWriteRow<RxDocType>[] = []
  const open: BulkWriteRow<RxDocType>[] = []
  for (const row of rows) {
    if (row.previous !== undefined) open.push(row)
    else if (insert.run(...valuesOf(layout, row.document)).changes === 0) refused.push(row)
  }
  if (refused.length === 0) return open

  // An id that comes twice in one call is free for both; the later one stays, as in RxDB's memory storage.
  const refusedRows = new Set(refused)
  const insertedIds = new Set(
    rows.filter((row) => row.previous === undefined && !refusedRows.has(row)).map((row) => idOf(layout, row.document)),
  )
  for (const row of refused) {
    if (insertedIds.has(idOf(layout, row.document))) connection.prepare(upsertSql(layout)).run(...valuesOf(layout, row.document))
    else open.push(row)
  }
  return open
}

function findStored<RxDocType>(
  connection: Connection,
  layout: CollectionLayout,
  rows: readonly BulkWriteRow<RxDocType>[],
): Map<string, RxDocumentData<RxDocType>> {
  const ids = rows.map((row) => idOf(layout, row.document))
  const documents = findByIds<RxDocType>(connection, layout, ids, true)
  return new Map(documents.map((document) => [idOf(layout, document), document]))
}

function idOf(layout: CollectionLayout, document: object): string {
  return (document as Record<string, unknown>)[layout.primaryPath] as string
}

function insertSql(layout: CollectionLayout): string {
  return `INSERT INTO ${layout.table} (${layout.columnNames.join(', ')}) VALUES (${layout.columnNames.map(() => '?').join(', ')})`
}

function upsertSql(layout: CollectionLayout): string {
  const assignments = layout.columnNames.filter((name) => name !== 'id').map((name) => `${name} = excluded.${name}`)
  return `${insertSql(layout)} ON CONFLICT (id) DO UPDATE SET ${assignments.join(', ')}`
}

function valuesOf(layout: CollectionLayout, document: object): SQLInputValue[] {
  const { columns } = layout
  const values = new Array<SQLInputValue>(columns.length + 1)
  for (let position = 0; position < columns.length; position++) values[position] = columns[position]?.read(document) ?? null
  values[columns.length] = JSON.stringify(document)
  return values
}
