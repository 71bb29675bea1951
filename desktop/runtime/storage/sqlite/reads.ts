import type { RxDocumentData, RxStorageDefaultCheckpoint } from 'rxdb'
import type { CollectionLayout } from './collectionLayout.ts'
import type { Connection } from './connection.ts'
import { orderedText } from './orderedText.ts'

/** Documents purged by one call of cleanup, so that it does not hold up the writes behind it. */
const CLEANUP_BATCH = 1000

/** The documents with these ids, in the order asked for; ids without one are left out. */
export function findByIds<RxDocType>(
  connection: Connection,
  layout: CollectionLayout,
  ids: readonly string[],
  withDeleted: boolean,
): RxDocumentData<RxDocType>[] {
  const sql = `SELECT json FROM ${layout.table} WHERE id = ?${withDeleted ? '' : ' AND deleted = 0'}`
  const statement = connection.prepare(sql)
  const documents: RxDocumentData<RxDocType>[] = []
  for (const id of ids) {
    const row = statement.get(orderedText(id)) as unknown as [string] | undefined
    if (row !== undefined) documents.push(connection.parse(row[0]))
  }
  return documents
}

export interface ChangedDocuments<RxDocType> {
  documents: RxDocumentData<RxDocType>[]
  checkpoint: RxStorageDefaultCheckpoint
}

/** The next documents in the order of their last write after `checkpoint`, deleted ones included. */
export function findChangedSince<RxDocType>(
  connection: Connection,
  layout: CollectionLayout,
  limit: number,
  checkpoint: RxStorageDefaultCheckpoint | undefined,
): ChangedDocuments<RxDocType> {
  const since = checkpoint ?? { lwt: 0, id: '' }
  const sql = `SELECT json FROM ${layout.table} WHERE (lwt, id) > (?, ?) ORDER BY lwt, id LIMIT ?`
  const rows = connection.all(sql, [since.lwt, orderedText(since.id), limit])
  const documents = rows.map(([json]) => connection.parse<RxDocumentData<RxDocType>>(json))
  const last = documents.at(-1)
  if (last === undefined) return { documents, checkpoint: since }
  return { documents, checkpoint: { id: (last as Record<string, unknown>)[layout.primaryPath] as string, lwt: last._meta.lwt } }
}

/**
 * Purges some documents that were deleted before `deletedBefore` (ms since 1970).
 * @returns whether none is left
 */
export function purgeDeleted(connection: Connection, layout: CollectionLayout, deletedBefore: number): boolean {
  return connection.transaction(() => {
    const rows = connection.all(`SELECT rowid, id FROM ${layout.table} WHERE deleted = 1 AND lwt <= ? ORDER BY lwt LIMIT ?`, [
      deletedBefore,
      CLEANUP_BATCH,
    ])
    const purge = connection.prepare(`DELETE FROM ${layout.table} WHERE rowid = ?`)
    const purgeAttachments = connection.prepare(`DELETE FROM ${layout.attachmentsTable} WHERE document_id = ?`)
    for (const [rowid, id] of rows) {
      purge.run(rowid as number)
      purgeAttachments.run(id as string)
    }
    return rows.length < CLEANUP_BATCH
  })
}
