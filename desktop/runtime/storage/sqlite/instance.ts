import {
  now,
  type BulkWriteRow,
  type EventBulk,
  type PreparedQuery,
  type RxDocumentData,
  type RxJsonSchema,
  type RxStorageBulkWriteResponse,
  type RxStorageChangeEvent,
  type RxStorageCountResult,
  type RxStorageDefaultCheckpoint,
  type RxStorageInstance,
  type RxStorageInstanceCreationParams,
  type RxStorageQueryResult,
} from 'rxdb'
import { Subject, type Observable } from 'rxjs'
import { loadAttachment, readAttachmentBytes, type AttachmentBytes } from './attachments.ts'
import { dropCollection, openCollection } from './catalogue.ts'
import type { CollectionLayout } from './collectionLayout.ts'
import { releaseConnection, type Connection } from './connection.ts'
import { runCount, runQuery } from './queries.ts'
import { findByIds, findChangedSince, purgeDeleted, type ChangedDocuments } from './reads.ts'
import { writeRows } from './writes.ts'

export type SqliteInstanceOptions = Record<string, never>
export interface SqliteInternals {
  connection: Connection
  layout: CollectionLayout
}
type Changes<RxDocType> = EventBulk<RxStorageChangeEvent<RxDocumentData<RxDocType>>, RxStorageDefaultCheckpoint>

const noAttachments: AttachmentBytes = new Map()

/**
 * One open collection. SQLite answers synchronously, so calls take effect in the order in which they are made and an answer
 * is never older than the write before it.
 */
export class SqliteStorageInstance<RxDocType> implements RxStorageInstance<
  RxDocType,
  SqliteInternals,
  SqliteInstanceOptions,
  RxStorageDefaultCheckpoint
> {
  readonly databaseName: string
  readonly collectionName: string
  readonly schema: Readonly<RxJsonSchema<RxDocumentData<RxDocType>>>
  readonly options: Readonly<SqliteInstanceOptions>
  readonly internals: SqliteInternals
  readonly #changes = new Subject<Changes<RxDocType>>()
  #writesWithAttachments: Promise<unknown> = Promise.resolve()
  #closed: Promise<void> | undefined

  constructor(params: RxStorageInstanceCreationParams<RxDocType, SqliteInstanceOptions>, connection: Connection) {
    this.databaseName = params.databaseName
    this.collectionName = params.collectionName
    this.schema = params.schema
    this.options = params.options
    this.internals = { connection, layout: connection.guard(() => openCollection(connection, params)) }
  }

  async bulkWrite(rows: BulkWriteRow<RxDocType>[], context: string): Promise<RxStorageBulkWriteResponse<RxDocType>> {
    this.#ensureOpen()
    if (this.schema.attachments === undefined) return this.#write(rows, noAttachments, context)
    // Reading a Blob takes a while; the queue keeps writes in the order of their calls all the same.
    const write = this.#writesWithAttachments.then(async () => this.#write(rows, await readAttachmentBytes(rows), context))
    this.#writesWithAttachments = write.catch(() => undefined)
    return write
  }

  #write(rows: BulkWriteRow<RxDocType>[], attachments: AttachmentBytes, context: string): RxStorageBulkWriteResponse<RxDocType> {
    const { connection, layout } = this.internals
    const { errors, eventBulk, newestRow } = connection.guard(() => writeRows(this, connection, layout, rows, attachments, context))
    if (newestRow !== undefined && eventBulk.events.length > 0) {
      const id = (newestRow.document as Record<string, unknown>)[layout.primaryPath] as string
      this.#changes.next({ ...eventBulk, checkpoint: { id, lwt: newestRow.document._meta.lwt } })
    }
    return { error: errors }
  }

  async findDocumentsById(ids: string[], withDeleted: boolean): Promise<RxDocumentData<RxDocType>[]> {
    return this.#read(({ connection, layout }) => findByIds<RxDocType>(connection, layout, ids, withDeleted))
  }

  async query(prepared: PreparedQuery<RxDocType>): Promise<RxStorageQueryResult<RxDocType>> {
    return this.#read((internals) => ({ documents: runQuery({ ...internals, schema: this.schema }, prepared) }))
  }

  async count(prepared: PreparedQuery<RxDocType>): Promise<RxStorageCountResult> {
    return this.#read((internals) => runCount({ ...internals, schema: this.schema }, prepared))
  }

  async getChangedDocumentsSince(limit: number, checkpoint?: RxStorageDefaultCheckpoint): Promise<ChangedDocuments<RxDocType>> {
    return this.#read(({ connection, layout }) => findChangedSince<RxDocType>(connection, layout, limit, checkpoint))
  }

  async getAttachmentData(documentId: string, attachmentId: string, digest: string): Promise<Blob> {
    return this.#read(({ connection, layout }) => loadAttachment(connection, layout, { documentId, attachmentId }, digest))
  }

  changeStream(): Observable<Changes<RxDocType>> {
    this.#ensureOpen()
    return this.#changes.asObservable()
  }

  async cleanup(minimumDeletedTime: number): Promise<boolean> {
    // With no minimum everything deleted goes, whatever the clock says now that it was deleted by.
    const deletedBefore = minimumDeletedTime === 0 ? Number.MAX_VALUE : now() - minimumDeletedTime
    return this.#read(({ connection, layout }) => purgeDeleted(connection, layout, deletedBefore))
  }

  close(): Promise<void> {
    this.#closed ??= this.#finish(() => undefined)
    return this.#closed
  }

  async remove(): Promise<void> {
    this.#ensureOpen()
    this.#closed = this.#finish(({ connection, layout }) => dropCollection(connection, this, layout))
    return this.#closed
  }

  async #finish(lastly: (internals: SqliteInternals) => void): Promise<void> {
    await this.#writesWithAttachments
    const { connection } = this.internals
    try {
      connection.guard(() => lastly(this.internals))
    } finally {
      this.#changes.complete()
      releaseConnection(connection)
    }
  }

  #read<T>(work: (internals: SqliteInternals) => T): T {
    this.#ensureOpen()
    return this.internals.connection.guard(() => work(this.internals))
  }

  #ensureOpen(): void {
    if (this.#closed !== undefined) throw new Error(`storage of collection ${this.collectionName} is closed already`)
  }
}
