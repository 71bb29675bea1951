import type { BulkWriteRow, RxAttachmentWriteData } from 'rxdb'
import type { CollectionLayout } from './collectionLayout.ts'
import type { Connection } from './connection.ts'
import { orderedText } from './orderedText.ts'

/** The contents of the attachments of one write, read before its transaction: a Blob can only be read asynchronously. */
export type AttachmentBytes = ReadonlyMap<Blob, Uint8Array>

interface AttachmentRef {
  documentId: string
  attachmentId: string
}
interface AttachmentWrite extends AttachmentRef {
  attachmentData: RxAttachmentWriteData
  digest: string
}

export async function readAttachmentBytes<RxDocType>(rows: readonly BulkWriteRow<RxDocType>[]): Promise<AttachmentBytes> {
  const bytes = new Map<Blob, Uint8Array>()
  for (const { document } of rows) {
    for (const attachment of Object.values(document._attachments)) {
      if ('data' in attachment) bytes.set(attachment.data, new Uint8Array(await attachment.data.arrayBuffer()))
    }
  }
  return bytes
}

export function saveAttachment(connection: Connection, layout: CollectionLayout, write: AttachmentWrite, bytes: AttachmentBytes): void {
  const data = bytes.get(write.attachmentData.data)
  if (data === undefined) throw new Error(`contents of attachment ${write.attachmentId} of ${write.documentId} were not read`)
  connection
    .prepare(`INSERT OR REPLACE INTO ${layout.attachmentsTable} (document_id, attachment_id, digest, type, data) VALUES (?, ?, ?, ?, ?)`)
    .run(orderedText(write.documentId), orderedText(write.attachmentId), write.digest, write.attachmentData.type, data)
}

export function removeAttachment(connection: Connection, layout: CollectionLayout, ref: AttachmentRef): void {
  connection
    .prepare(`DELETE FROM ${layout.attachmentsTable} WHERE document_id = ? AND attachment_id = ?`)
    .run(orderedText(ref.documentId), orderedText(ref.attachmentId))
}

/** @throws when there is none, or its contents are not those that `digest` names */
export function loadAttachment(connection: Connection, layout: CollectionLayout, ref: AttachmentRef, digest: string): Blob {
  const row = connection.get(
    `SELECT type, data FROM ${layout.attachmentsTable} WHERE document_id = ? AND attachment_id = ? AND digest = ?`,
    [orderedText(ref.documentId), orderedText(ref.attachmentId), digest],
  )
  if (row === undefined) throw new Error(`attachment ${ref.attachmentId} of ${ref.documentId} does not exist`)
  const [type, data] = row as [string, Uint8Array<ArrayBuffer>]
  return new Blob([data], { type })
}
