import type { DatabaseSync } from 'node:sqlite'
import type { JsonObject } from '#shared/json.ts'

/** A document that changed in the store, by this gateway's own write or heard of by the change feed. */
export interface ProjectedChange {
  /** null: a private database. */
  ownerId: string | null
  /** The collection's or private database's name. */
  collection: string
  id: string
  /** null: somebody deleted it in CouchDB. */
  document: (JsonObject & { id: string }) | null
  /** What stood before, read when asked for; null: nothing. */
  previous(): JsonObject | null
  /** Whether a document of an owner's collection stands in the store at this moment. */
  stands(ownerId: string, collection: string, id: string): boolean
}

/**
 * Keeps tables of its own in the projection's database, fed with every change inside the transaction that stores the document.
 * The result must depend on the current documents only, not on the order or number of changes: a rebuild replays each document once, and
 * the same change may come twice.
 */
export interface Projector {
  name: string
  /** A higher version drops the tables and replays everything. */
  version: number
  /** Collections or private databases it looks at: of the others it hears nothing, so that a rebuild does not read them. */
  reads: readonly string[]
  /** Every table the projector makes; dropped and compared in a rebuild. */
  tables: readonly string[]
  createTables(database: DatabaseSync): void
  onChange(database: DatabaseSync, change: ProjectedChange): void
}
