import type { CollectionName } from '#shared/collections/collections.ts'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import { jsonEquals, type JsonObject } from '#shared/json.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { createChangeFeed, type ChangeFeed } from '../projection/changeFeed.ts'
import type { ProjectedDatabase, ProjectionStore } from '../projection/projection.ts'
import { createBulkWriter, type BulkOutcome, type BulkWriter } from './bulkWriter.ts'
import type { CouchConnection } from './couchConnection.ts'
import type { CouchDatabases } from './couchDatabases.ts'
import { deletedChange, readDocuments } from './couchDocuments.ts'
import { privateDatabases, type DatabaseKey } from './databaseNames.ts'
import type { DocumentStore, PrivateDatabase, PrivateDocument, Stored, WriteOutcome, WriteRow } from './documentStore.ts'

export interface CouchStoreParts {
  connection: CouchConnection
  databases: CouchDatabases
  projection: ProjectionStore
  singleWriter: boolean
  /** See createBulkWriter. */
  patienceMs?: number | undefined
  /** Change feeds of owners that are followed at once, where other gateways write too; default 256. */
  maxFollowed?: number
  /** So many more documents were read to build the projection. */
  onBuilding?: (documents: number) => void
  log: Logger
  clock: Clock
}

type AnyDocument = JsonObject & { id: string }
interface Opened {
  projected: ProjectedDatabase
  writer: BulkWriter
  feed: ChangeFeed
  /** Who waits for it to be up to date. */
  readers: number
}

/** What the sync backend needs beside the DocumentStore's contract. */
export interface CouchDocumentStore extends DocumentStore {
  /** The database, with everything CouchDB had when this gateway first touched it in the projection. */
  open(key: DatabaseKey): Promise<ProjectedDatabase>
  /** As `write`, for documents whose JSON text is at hand; `origin` reaches the projection's listeners. */
  writeRows(key: DatabaseKey, rows: TextRow[], origin?: object): Promise<RowOutcome[]>
  /**
   * Takes documents out of the store for good, those that were not changed since they were read. Of old ones of a collection nobody is told: who
   * holds them forgets them by the same rule (see projection.ts). Returns the ids that went.
   */
  remove(key: DatabaseKey, rows: { id: string; rev: string }[]): Promise<string[]>
  /** Opens every database there is: the projection and its projectors then know all that CouchDB knew. */
  openAll(): Promise<void>
  stop(): Promise<void>
}
export interface TextRow {
  document: AnyDocument
  body: string
  rev: string | null
}

/** `refused`: CouchDB will never take this document; the others of the call are not touched by it. */
type RowOutcome = WriteOutcome<AnyDocument> | { written: false; id: string; refused: string }

const maxUpdateTries = 20
/** Each is a long poll; the longest unused one goes. */
const defaultMaxFollowed = 256
/** More keep each other waiting in a store that is one process. */
const openAtOnce = 4
const scanRows = 1_000

export function createCouchDocumentStore(parts: CouchStoreParts): CouchDocumentStore {
  const { connection, databases, projection, clock, log } = parts
  const opened = new Map<string, Opened>()

  function at(key: DatabaseKey): Opened {
    const path = databases.path(key)
    const held = opened.get(path)
    if (held !== undefined) {
      opened.delete(path)
      opened.set(path, held)
      return held
    }
    if (!parts.singleWriter && opened.size >= (parts.maxFollowed ?? defaultMaxFollowed)) forgetOldest()
    const projected = projection.of(key)
    const writer = createBulkWriter({ connection, path, ensureDatabase: () => databases.ensure(key), clock, patienceMs: parts.patienceMs })
    const added = { projected, writer, feed: createChangeFeed(projected, parts), readers: 0 }
    opened.set(path, added)
    return added
  }

  /** It is read up to date again when somebody wants it. */
  function forgetOldest(): void {
    for (const [path, { feed, projected, readers }] of opened) {
      // One that is being read must not stop half way: rather one too many for a moment.
      if (projected.key.ownerId === null || readers > 0) continue
      opened.delete(path)
      void feed.stop()
      return
    }
  }

  async function open(key: DatabaseKey): Promise<ProjectedDatabase> {
    const entry = at(key)
    entry.readers += 1
    try {
      await entry.feed.fresh()
      return entry.projected
    } finally {
      entry.readers -= 1
    }
  }

  async function read(key: DatabaseKey, id: string): Promise<Stored<AnyDocument> | null> {
    const found = projection.get(await open(key), id)
    return found === null ? null : { document: JSON.parse(found.body) as AnyDocument, rev: found.rev }
  }

  async function latest(key: DatabaseKey, id: string): Promise<Stored<AnyDocument> | null> {
    if (parts.singleWriter) return read(key, id)
    const projected = await open(key)
    projection.apply(projected, await readDocuments(connection, databases.path(key), [id]))
    return read(key, id)
  }

  async function writeRows(key: DatabaseKey, rows: TextRow[], origin?: object): Promise<RowOutcome[]> {
    if (rows.length === 0) return []
    const projected = await open(key)
    const { feed, writer } = at(key)
    const outcomes = await writer.write(rows.map(({ document, body, rev }) => ({ id: document.id, rev, body })))
    await takeIn(key, projected, rows, outcomes, origin)
    feed.touched()
    return rows.map((row, index) => outcomeOf(projected, row, outcomes[index]))
  }

  /** Before a write is acknowledged the projection has it, and for a conflict what stands in its place. */
  async function takeIn(
    key: DatabaseKey,
    projected: ProjectedDatabase,
    rows: TextRow[],
    outcomes: BulkOutcome[],
    origin?: object,
  ): Promise<void> {
    const written = rows.flatMap(({ document, body }, index) => {
      const outcome = outcomes[index]
      return outcome?.kind === 'written' ? [{ id: document.id, rev: outcome.rev, document, body }] : []
    })
    if (written.length > 0) projection.apply(projected, written, origin === undefined ? {} : { origin })
    const lost = rows.filter((_, index) => outcomes[index]?.kind === 'conflict').map(({ document }) => document.id)
    if (lost.length > 0) projection.apply(projected, await readDocuments(connection, databases.path(key), lost))
  }

  function outcomeOf(projected: ProjectedDatabase, { document }: TextRow, outcome: BulkOutcome | undefined): RowOutcome {
    if (outcome?.kind === 'written') return { written: true, id: document.id, rev: outcome.rev }
    if (outcome?.kind === 'refused') return { written: false, id: document.id, refused: outcome.reason }
    const standing = projection.get(projected, document.id)
    const current = standing === null ? null : { document: JSON.parse(standing.body) as AnyDocument, rev: standing.rev }
    // A try whose answer was lost had been written after all.
    if (outcome?.mayBeOwn === true && current !== null && jsonEquals(current.document, document))
      return { written: true, id: document.id, rev: current.rev }
    return { written: false, id: document.id, current }
  }

  async function write(key: DatabaseKey, rows: WriteRow<AnyDocument>[]): Promise<WriteOutcome<AnyDocument>[]> {
    const outcomes = await writeRows(
      key,
      rows.map(({ document, rev }) => ({ document, rev, body: JSON.stringify(document) })),
    )
    return outcomes.map((outcome) => {
      if (!('refused' in outcome)) return outcome
      const { id, refused: reason } = outcome
      throw new AppErrorException(appError('DOCUMENT_INVALID', { id, collection: key.collection, reason }))
    })
  }

  async function update(
    key: DatabaseKey,
    id: string,
    change: (current: AnyDocument | null) => AnyDocument | null,
  ): Promise<AnyDocument | null> {
    let current = await read(key, id)
    for (let tries = 0; tries < maxUpdateTries; tries += 1) {
      const next = change(current?.document ?? null)
      if (next === null) return current?.document ?? null
      const [outcome] = await write(key, [{ document: next, rev: current?.rev ?? null }])
      if (outcome?.written === true) return next
      current = outcome?.current ?? null
    }
    throw new AppErrorException(appError('BUSY'))
  }

  async function remove(key: DatabaseKey, rows: { id: string; rev: string }[]): Promise<string[]> {
    if (rows.length === 0) return []
    const projected = await open(key)
    const { feed, writer } = at(key)
    const outcomes = await writer.write(rows.map(({ id, rev }) => ({ id, rev, body: '{"_deleted":true}' })))
    const gone = rows.flatMap(({ id }, index) => {
      const outcome = outcomes[index]
      return outcome?.kind === 'written' ? [deletedChange(id, outcome.rev)] : []
    })
    projection.apply(projected, gone)
    feed.touched()
    return gone.map(({ id }) => id)
  }

  async function scan(key: DatabaseKey, onPage: (page: Stored<AnyDocument>[]) => void | Promise<void>): Promise<void> {
    const projected = await open(key)
    for (let after = ''; ;) {
      const rows = projection.scanPage(projected, after, scanRows)
      if (rows.length > 0) await onPage(rows.map(({ body, rev }) => ({ document: JSON.parse(body) as AnyDocument, rev })))
      if (rows.length < scanRows) return
      after = rows.at(-1)?.id ?? after
    }
  }

  return {
    open,
    writeRows,
    remove,
    ...typedOperations({ read, latest, write, update, remove, scan }),
    async owners() {
      const found = (await databases.list()).map(({ ownerId }) => ownerId).filter((ownerId) => ownerId !== null)
      return [...new Set(found)].toSorted()
    },
    onWritten: (listener) =>
      projection.onApplied((applied) => {
        for (const { database, change } of applied) {
          if (change.document === null) continue
          try {
            listener({ ...database.key, document: change.document })
          } catch (thrown) {
            // The write stands whatever a listener thinks of it.
            log.error('a listener of writes failed', { reason: String(thrown) })
          }
        }
      }),
    async openAll() {
      // The private ones also before anybody wrote to them: another gateway may, and what is chosen from must be known here.
      const own = parts.singleWriter ? [] : privateDatabases.map((collection): DatabaseKey => ({ ownerId: null, collection }))
      const keys = [...(await databases.list()).filter(({ ownerId }) => parts.singleWriter || ownerId !== null), ...own]
      const workers = Array.from({ length: openAtOnce }, async () => {
        for (let key = keys.pop(); key !== undefined; key = keys.pop()) await open(key)
      })
      await Promise.all(workers)
    },
    async noticeNew() {
      if (parts.singleWriter) return
      for (const key of await databases.list())
        if (!opened.has(databases.path(key)) && opened.size < (parts.maxFollowed ?? defaultMaxFollowed)) await open(key)
    },
    async catchUp(ownerId, collection) {
      await open({ ownerId, collection })
    },
    async stop() {
      await Promise.all([...opened.values()].map(({ feed }) => feed.stop()))
      opened.clear()
    },
  }
}

interface Untyped {
  read: (key: DatabaseKey, id: string) => Promise<Stored<AnyDocument> | null>
  latest: (key: DatabaseKey, id: string) => Promise<Stored<AnyDocument> | null>
  write: (key: DatabaseKey, rows: WriteRow<AnyDocument>[]) => Promise<WriteOutcome<AnyDocument>[]>
  update: (key: DatabaseKey, id: string, change: Change) => Promise<AnyDocument | null>
  remove: (key: DatabaseKey, rows: { id: string; rev: string }[]) => Promise<string[]>
  scan: (key: DatabaseKey, onPage: (page: Stored<AnyDocument>[]) => void | Promise<void>) => Promise<void>
}
type Change = (current: AnyDocument | null) => AnyDocument | null
type Typed = Omit<DocumentStore, 'owners' | 'onWritten' | 'catchUp' | 'noticeNew'>

/** The contract's types over the untyped operations. Safe: what is in a collection was checked by its schema, or written by typed code. */
function typedOperations({ read, latest, write, update, remove, scan }: Untyped): Typed {
  const replicated = (ownerId: string, collection: CollectionName): DatabaseKey => ({ ownerId, collection })
  const own = (collection: PrivateDatabase): DatabaseKey => ({ ownerId: null, collection })
  const operations: { [Name in keyof Typed]: (...parameters: never[]) => Promise<unknown> } = {
    read: (ownerId: string, collection: CollectionName, id: string) => read(replicated(ownerId, collection), id),
    write: (ownerId: string, collection: CollectionName, rows: WriteRow<AnyDocument>[]) => write(replicated(ownerId, collection), rows),
    update: (ownerId: string, collection: CollectionName, id: string, change: Change) =>
      update(replicated(ownerId, collection), id, change),
    scan: (ownerId: string, collection: CollectionName, onPage: (page: Stored<AnyDocument>[]) => void) =>
      scan(replicated(ownerId, collection), onPage),
    readPrivate: (database: PrivateDatabase, id: string) => read(own(database), id),
    latestPrivate: (database: PrivateDatabase, id: string) => latest(own(database), id),
    writePrivate: (database: PrivateDatabase, rows: WriteRow<AnyDocument>[]) => write(own(database), rows),
    updatePrivate: (database: PrivateDatabase, id: string, change: Change) => update(own(database), id, change),
    removePrivate: async (database: PrivateDatabase, rows: { id: string; rev: string }[]) => (await remove(own(database), rows)).length,
    scanPrivate: (database: PrivateDatabase, onPage: (page: Stored<PrivateDocument>[]) => void) => scan(own(database), onPage),
  }
  return operations as unknown as Typed
}
