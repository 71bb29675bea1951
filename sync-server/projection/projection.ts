import type { DatabaseSync } from 'node:sqlite'
import type { JsonObject } from '#shared/json.ts'
import type { DatabaseKey } from '../store/databaseNames.ts'
import type { Projector } from './projector.ts'

/** The gateway's SQLite file: deletable, fed by own writes and the change feeds. What services may use of it. */
export interface Projection {
  /** For reading, and for a projector's own tables. Synchronous; keep statements short. */
  readonly database: DatabaseSync
  /** Makes the projector's tables, replays the documents that stand when it is new or of a higher version. */
  registerProjector(projector: Projector): void
}

/** One of the store's databases as the projection knows it. */
export interface ProjectedDatabase {
  readonly key: DatabaseKey
  readonly number: number
  /** The change feed was read up to here; null: from the beginning. */
  feedSeq: string | null
}

/** A document's new state, from an own write or the change feed. */
export interface Change {
  id: string
  rev: string
  /** null: deleted in CouchDB. */
  document: (JsonObject & { id: string }) | null
  /** The document's JSON text, without CouchDB's own fields. */
  body: string
}

export interface Applied {
  database: ProjectedDatabase
  change: Change
  /** Place in the change log; grows with every change of any document. */
  ordinal: number
  /** Who sent it as it stands, so that it need not be told; see RowWrite in the sync backend. */
  origin: object | null
  /** Part of building the projection from nothing: not news to anybody. */
  rebuilt: boolean
}

/** As much is read and sent in one turn of the event loop: about 20 ms. One more document (limits.documentBytes) may come on top of it. */
export const pageCharacters = 4 * 1024 * 1024

/** A page ends with the row that reaches either: no more than it is read, since a document may be a hundred times as large as another. */
export interface PageSize {
  rows: number
  characters: number
}

/** Whether a page may have ended before there were no more. */
export const isFull = (page: readonly { body: string }[], most: PageSize): boolean =>
  page.length >= most.rows || page.reduce((sum, { body }) => sum + body.length, 0) >= most.characters

export interface PageRow {
  ordinal: number
  body: string
  deleted: number
}

export interface PlacedRow {
  id: string
  /** By the collection's own time, see shared/sync/windows.ts. */
  at: number | null
  body: string
}

export interface OldestRow {
  id: string
  at: number
  rev: string
  body: string
}

/** Documents before a place, of one node or job when it is given. */
export interface NewestBefore {
  nodeId?: string | undefined
  jobId?: string | undefined
  beforeAt: number
  beforeId: string
}

/** The whole of it, for the store and the sync backend. */
export interface ProjectionStore extends Projection {
  /** Names this file's change log: ordinals of another log mean nothing here. */
  readonly logId: string
  /** What the file holds of a database; made when it is new. */
  of(key: DatabaseKey): ProjectedDatabase
  /**
   * Takes in changes and feeds the projectors, in one transaction. What is already there in this or a newer revision is left out.
   * `feedSeq` says that with these changes the feed was read up to there; `origin` is passed on to the listeners.
   * A removal leaves a tombstone for clients, except of what was old (retention.ts): they forget that by the same rule, so its row goes and the
   * listeners do not hear of it. The same of private documents, which no client has.
   */
  apply(database: ProjectedDatabase, changes: Change[], from?: { feedSeq?: string; origin?: object }): Applied[]
  /** The revision that stands, tombstones too. */
  revision(database: ProjectedDatabase, id: string): string | null
  get(database: ProjectedDatabase, id: string): { rev: string; body: string } | null
  /** Those of the ids that stand, by id; far cheaper than one by one. */
  getMany(database: ProjectedDatabase, ids: string[]): ReadonlyMap<string, { rev: string; body: string }>
  /** Documents in id order after `afterId`, for scans. */
  scanPage(database: ProjectedDatabase, afterId: string, limit: number): { id: string; rev: string; body: string }[]
  /** Documents by their last change after the ordinal; only of the node when it is given. */
  changesAfter(database: ProjectedDatabase, ordinal: number, most: PageSize, nodeId: string | null): PageRow[]
  /** Documents in the order of their collection's time, oldest first, after a place and before a time. */
  oldestPage(database: ProjectedDatabase, after: { at: number; id: string }, beforeAt: number, limit: number): OldestRow[]
  /** Documents of which the collection's window says that they are still going on, by id. */
  openPage(database: ProjectedDatabase, afterId: string, most: PageSize): PlacedRow[]
  /** The newest documents before a place, newest first. */
  newestPage(database: ProjectedDatabase, before: NewestBefore, most: PageSize): PlacedRow[]
  lastOrdinal(): number
  /** A feed position whose every change stands at or before the ordinal; null: none is known. */
  seqAt(database: ProjectedDatabase, ordinal: number): string | null
  /** SHA-256 over the documents and the projectors' tables, independent of the order they came in. @param without collections left out. */
  digest(without?: readonly string[]): string
  /** After each transaction. Returns its own unsubscribe. */
  onApplied(listener: (applied: Applied[]) => void): () => void
  close(): void
}
