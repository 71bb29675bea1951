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
  const primaryPath = layout.primaryPath as StringKeys<RxDocType>
  const idOf = (document: object): string => (document as Record<string, unknown>)[layout.primaryPath] as string

  return connection.transaction(() => {
    const ids = rows.map((row) => idOf(row.document))
    const stored = findByIds<RxDocType>(connection, layout, ids, true)
    const storedById = new Map<string, RxDocumentData<RxDocType>>(stored.map((document) => [idOf(document), document]))
    const categorized = categorizeBulkWriteRows<RxDocType>(instance, primaryPath, storedById, rows, context)

    if (categorized.bulkInsertDocs.length > 0) {
      const insert = connection.prepare(insertSql(layout))
      for (const { document } of categorized.bulkInsertDocs) insert.run(...valuesOf(layout, document))
    }
    if (categorized.bulkUpdateDocs.length > 0) {
      const update = connection.prepare(updateSql(layout))
      for (const { document } of categorized.bulkUpdateDocs) {
        const values = valuesOf(layout, document)
        update.run(...values, values[0] as SQLInputValue)
      }
    }
    for (const each of [...categorized.attachmentsAdd, ...categorized.attachmentsUpdate]) {
      saveAttachment(connection, layout, each, attachments)
    }
    for (const each of categorized.attachmentsRemove) removeAttachment(connection, layout, each)
    return categorized
  })
}

function insertSql(layout: CollectionLayout): string {
  const names = [...layout.columns.map((column) => column.name), 'json']
  return `INSERT INTO ${layout.table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`
}

function updateSql(layout: CollectionLayout): string {
  const names = [...layout.columns.map((column) => column.name), 'json']
  return `UPDATE ${layout.table} SET ${names.map((name) => `${name} = ?`).join(', ')} WHERE id = ?`
}

function valuesOf(layout: CollectionLayout, document: object): SQLInputValue[] {
  const values = layout.columns.map((column) => column.read(document))
  values.push(JSON.stringify(document))
  return values
}
