import type { CollectionName, Documents } from '#shared/collections/collections.ts'
import type { JsonObject } from '#shared/json.ts'

/** A document with the CouchDB revision that a compare-and-swap needs. `rev` never travels to clients. */
export interface Stored<Document> {
  document: Document
  rev: string
}

export type WriteOutcome<Document> =
  | { written: true; id: string; rev: string }
  /** Somebody wrote in between; `current` is what stands now (null: it does not exist, although a rev was given). */
  | { written: false; id: string; current: Stored<Document> | null }

export interface WriteRow<Document> {
  document: Document
  /** null: the document must not exist yet. */
  rev: string | null
}

export interface WrittenEvent {
  /** null for the private databases. */
  ownerId: string | null
  collection: string
  document: JsonObject & { id: string }
}

/** Server-private documents are of any shape with an id; each private database has its own. */
export type PrivateDocument = JsonObject & { id: string }
export type PrivateDatabase = 'accounts' | 'sessions' | 'keys' | 'tokens' | 'chunks' | 'files' | 'server' | 'archive'

/**
 * The one door to CouchDB (or the embedded store): one database per owner and collection plus the server's private ones.
 * Acknowledged writes are durable. Reads are answered from the SQLite projection, which own writes update before they are
 * acknowledged; the change feed brings what other gateways wrote. Writes are compare-and-swap by rev, in one `_bulk_docs` per call.
 * Rejects with AppErrorException SERVER_STORE_UNREACHABLE when the store does not answer in time; nothing is then known of the write,
 * so callers repeat it with the same ids (idempotent by construction).
 */
export interface DocumentStore {
  read<Name extends CollectionName>(ownerId: string, collection: Name, id: string): Promise<Stored<Documents[Name]> | null>
  write<Name extends CollectionName>(
    ownerId: string,
    collection: Name,
    rows: WriteRow<Documents[Name]>[],
  ): Promise<WriteOutcome<Documents[Name]>[]>
  /**
   * Reads, changes, writes, again on conflict (at most 20 times). `change` gets the current document (null = none) and returns the next one,
   * or null to leave it. Returns what stands afterwards.
   */
  update<Name extends CollectionName>(
    ownerId: string,
    collection: Name,
    id: string,
    change: (current: Documents[Name] | null) => Documents[Name] | null,
  ): Promise<Documents[Name] | null>

  readPrivate<Document extends PrivateDocument>(database: PrivateDatabase, id: string): Promise<Stored<Document> | null>
  /**
   * As `readPrivate`, but where other gateways write too the store itself is asked. Before somebody is told for good that there is no such thing:
   * another gateway may have written it a moment ago.
   */
  latestPrivate<Document extends PrivateDocument>(database: PrivateDatabase, id: string): Promise<Stored<Document> | null>
  writePrivate<Document extends PrivateDocument>(database: PrivateDatabase, rows: WriteRow<Document>[]): Promise<WriteOutcome<Document>[]>
  updatePrivate<Document extends PrivateDocument>(
    database: PrivateDatabase,
    id: string,
    change: (current: Document | null) => Document | null,
  ): Promise<Document | null>
  /**
   * Takes documents out of a private database for good (there is nobody to whom a private document would be synced). What changed since it was
   * read stays. Returns how many went.
   */
  removePrivate(database: PrivateDatabase, rows: { id: string; rev: string }[]): Promise<number>
  /** Every document of a private database, in id order, in pages: for rebuilding projections. */
  scanPrivate<Document extends PrivateDocument>(
    database: PrivateDatabase,
    onPage: (page: Stored<Document>[]) => void | Promise<void>,
  ): Promise<void>
  /** Afterwards the projection knows everything that was written to this collection before, also by other gateways; for who reads the projection itself. */
  catchUp(ownerId: string, collection: CollectionName): Promise<void>
  /** Follows from now on what other gateways have made since this one started: the databases of a new owner. As many as can be followed. */
  noticeNew(): Promise<void>
  /** Every owner that has databases. */
  owners(): Promise<string[]>
  scan<Name extends CollectionName>(
    ownerId: string,
    collection: Name,
    onPage: (page: Stored<Documents[Name]>[]) => void | Promise<void>,
  ): Promise<void>

  /** After each write that this gateway made or heard of by the feed. Returns its own unsubscribe. */
  onWritten(listener: (event: WrittenEvent) => void): () => void
}
