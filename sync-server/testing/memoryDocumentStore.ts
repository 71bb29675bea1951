import { createHash } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import type { JsonObject } from '#shared/json.ts'
import type { Projection } from '../projection/projection.ts'
import type { Projector } from '../projection/projector.ts'
import type { DocumentStore, Stored, WriteOutcome, WriteRow, WrittenEvent } from '../store/documentStore.ts'

type AnyDocument = JsonObject & { id: string }
interface Held {
  body: string
  revision: number
}

/** What a property test can do to the store: throw before or after a write is durable, as a crash or a cut line would. */
export interface Fault {
  beforeWrite?(collection: string, ids: string[]): void
  afterWrite?(collection: string, ids: string[]): void
}

/**
 * A `DocumentStore` in memory with the same compare-and-swap contract and a projection beside it, for property tests that need thousands of
 * stores. What it holds outlives the services on top of it: make new services over it to play a restart.
 */
export function createMemoryStore(fault: Fault = {}) {
  const databases = new Map<string, Map<string, Held>>()
  const listeners = new Set<(event: WrittenEvent) => void>()
  const projectors: Projector[] = []
  const sqlite = new DatabaseSync(':memory:')
  let writes = 0

  const of = (key: string) => {
    const held = databases.get(key) ?? new Map<string, Held>()
    databases.set(key, held)
    return held
  }
  const keyOf = (ownerId: string | null, collection: string) => `${ownerId ?? ''}/${collection}`
  const stands = (ownerId: string, collection: string, id: string) => of(keyOf(ownerId, collection)).has(id)
  const stored = <Document>(held: Held | undefined): Stored<Document> | null =>
    held
      ? { document: JSON.parse(held.body) as Document, rev: `${held.revision}-${createHash('sha1').update(held.body).digest('hex')}` }
      : null

  const read = <Document>(ownerId: string | null, collection: string, id: string): Stored<Document> | null =>
    stored<Document>(of(keyOf(ownerId, collection)).get(id))

  async function write<Document extends { id: string }>(ownerId: string | null, collection: string, rows: WriteRow<Document>[]) {
    await Promise.resolve()
    const ids = rows.map((row) => row.document.id)
    fault.beforeWrite?.(collection, ids)
    const held = of(keyOf(ownerId, collection))
    const done: AnyDocument[] = []
    const outcomes = rows.map(({ document, rev }): WriteOutcome<Document> => {
      const before = held.get(document.id)
      const current = stored<Document>(before)
      if ((current?.rev ?? null) !== rev) return { written: false, id: document.id, current }
      const next = { body: JSON.stringify(document), revision: (before?.revision ?? 0) + 1 }
      held.set(document.id, next)
      writes += 1
      const plain = JSON.parse(next.body) as AnyDocument
      for (const projector of projectors)
        projector.onChange(sqlite, {
          ownerId,
          collection,
          id: document.id,
          document: plain,
          previous: () => (before ? (JSON.parse(before.body) as JsonObject) : null),
          stands,
        })
      done.push(plain)
      return { written: true, id: document.id, rev: stored(next)?.rev ?? '' }
    })
    fault.afterWrite?.(collection, ids)
    for (const document of done) for (const listener of listeners) listener({ ownerId, collection, document })
    return outcomes
  }

  async function update<Document extends { id: string }>(
    ownerId: string | null,
    collection: string,
    id: string,
    change: (current: Document | null) => Document | null,
  ): Promise<Document | null> {
    for (let round = 0; round < 20; round += 1) {
      const current = read<Document>(ownerId, collection, id)
      const next = change(current?.document ?? null)
      if (next === null) return current?.document ?? null
      const [outcome] = await write(ownerId, collection, [{ document: next, rev: current?.rev ?? null }])
      if (outcome?.written) return next
    }
    throw new Error(`20 conflicts on ${collection}/${id}`)
  }

  function remove(ownerId: string | null, collection: string, id: string, rev: string): boolean {
    const held = of(keyOf(ownerId, collection))
    const before = stored<JsonObject>(held.get(id))
    if (before?.rev !== rev) return false
    held.delete(id)
    for (const projector of projectors)
      projector.onChange(sqlite, { ownerId, collection, id, document: null, previous: () => before.document, stands })
    return true
  }

  async function scan<Document>(ownerId: string | null, collection: string, onPage: (page: Stored<Document>[]) => void | Promise<void>) {
    const held = of(keyOf(ownerId, collection))
    const page = [...held.keys()].sort().flatMap((id) => stored<Document>(held.get(id)) ?? [])
    if (page.length > 0) await onPage(page)
  }

  const store: DocumentStore = {
    read: async (ownerId, collection, id) => read(ownerId, collection, id),
    write: (ownerId, collection, rows) => write(ownerId, collection, rows),
    update: (ownerId, collection, id, change) => update(ownerId, collection, id, change),
    readPrivate: async (database, id) => read(null, database, id),
    latestPrivate: async (database, id) => read(null, database, id),
    writePrivate: (database, rows) => write(null, database, rows),
    updatePrivate: (database, id, change) => update(null, database, id, change),
    removePrivate: async (database, rows) => rows.filter(({ id, rev }) => remove(null, database, id, rev)).length,
    scanPrivate: (database, onPage) => scan(null, database, onPage),
    catchUp: () => Promise.resolve(),
    noticeNew: () => Promise.resolve(),
    owners: async () => [...new Set([...databases.keys()].map((key) => key.split('/')[0] ?? ''))].filter((owner) => owner !== ''),
    scan: (ownerId, collection, onPage) => scan(ownerId, collection, onPage),
    onWritten(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }

  /** Every document again, as a rebuild of the projection does. */
  const replay = (projector: Projector) => {
    for (const [key, held] of databases) {
      const [owner = '', collection = ''] = key.split('/')
      for (const [id, { body }] of held)
        projector.onChange(sqlite, {
          ownerId: owner || null,
          collection,
          id,
          document: JSON.parse(body) as AnyDocument,
          previous: () => null,
          stands,
        })
    }
  }
  const projection: Projection = {
    database: sqlite,
    registerProjector(projector) {
      const known = projectors.findIndex(({ name }) => name === projector.name)
      projector.createTables(sqlite)
      if (known >= 0) projectors[known] = projector
      else {
        projectors.push(projector)
        replay(projector)
      }
    },
  }

  return {
    store,
    projection,
    writes: () => writes,
    /** The projectors' tables as text, in no particular order of rows. */
    tables: () =>
      Object.fromEntries(
        projectors.flatMap(({ tables }) =>
          tables.map((table) => [
            table,
            sqlite
              .prepare(`SELECT * FROM ${table}`)
              .all()
              .map((row) => JSON.stringify(row))
              .sort(),
          ]),
        ),
      ),
    /** Throws the projectors' tables away and makes them again from the documents. */
    rebuild() {
      for (const projector of projectors) {
        for (const table of projector.tables) sqlite.exec(`DROP TABLE ${table}`)
        projector.createTables(sqlite)
        replay(projector)
      }
    },
    /** All documents of a collection, of every owner. */
    all: <Document>(collection: string): Document[] =>
      [...databases]
        .filter(([key]) => key.endsWith(`/${collection}`))
        .flatMap(([, held]) => [...held.values()].map(({ body }) => JSON.parse(body) as Document)),
    close: () => sqlite.close(),
  }
}
