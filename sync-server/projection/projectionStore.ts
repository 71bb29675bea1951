import { createHash } from 'node:crypto'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { collections, isCollectionName } from '#shared/collections/collections.ts'
import type { JsonObject } from '#shared/json.ts'
import { archiveCutoff, retention } from '#shared/rules/retention.ts'
import { dashboardWindows } from '#shared/sync/windows.ts'
import { createMarks } from './marks.ts'
import type { Applied, Change, OldestRow, PageRow, PageSize, PlacedRow, ProjectedDatabase, ProjectionStore } from './projection.ts'
import { createProjectors, standsSql } from './projectors.ts'
import { inTransaction } from './tables.ts'

interface StandingRow {
  id: string
  rev: string
  body: string
  deleted: number
  node_id: string | null
  at: number | null
}

/**
 * @param now tells what is old
 * @param onBuilding so many more documents were replayed for a projector that is new
 */
export function createProjectionStore(
  database: DatabaseSync,
  now: () => number,
  onBuilding: (documents: number) => void = () => undefined,
): ProjectionStore {
  const statements = prepare(database)
  const marks = createMarks(database)
  const projectors = createProjectors(database, onBuilding)
  const known = new Map<string, ProjectedDatabase>()
  const listeners = new Set<(applied: Applied[]) => void>()
  const logId = String(database.prepare("SELECT value FROM meta WHERE name = 'log'").get()?.['value'])
  // Kept beside the table: the last row may be deleted, and its number must not come again.
  let lastOrdinal = Number(statements.readCounter.get()?.['value'] ?? 0)

  /** One question for all of them: a statement per document costs more than the answer. */
  function standingRows(store: ProjectedDatabase, ids: string[]): Map<string, StandingRow> {
    const rows = statements.rows.all(store.number, JSON.stringify(ids)) as unknown as StandingRow[]
    return new Map(rows.map((row) => [row.id, row]))
  }

  function applyOne(
    store: ProjectedDatabase,
    change: Change,
    standing: StandingRow | undefined,
    fromFeed: boolean,
    origin: object | null,
  ): Applied | null {
    if (standing !== undefined && !replaces(change.rev, standing.rev, fromFeed)) return null
    if (standing === undefined && change.document === null) return null
    if (standing !== undefined && change.document === null && isPutAway(store, standing, now())) {
      forget(store, standing)
      return null
    }
    const body = change.document === null ? tombstone(change.id, standing?.body) : change.body
    const nodeId = change.document === null ? (standing?.node_id ?? null) : nodeOf(store, change.document)
    lastOrdinal += 1
    if (standing !== undefined) statements.remove.run(store.number, change.id)
    const { jobId, at, open } = placeOf(store, change.document)
    statements.insert.run(lastOrdinal, store.number, change.id, change.rev, nodeId, change.document === null ? 1 : 0, body, jobId, at, open)
    const before = standing?.deleted === 0 ? standing.body : null
    feed(store, change.id, change.document, before)
    return { database: store, change: { ...change, body }, ordinal: lastOrdinal, origin, rebuilt: fromFeed && store.feedSeq === null }
  }

  function feed(store: ProjectedDatabase, id: string, document: Change['document'], before: string | null): void {
    const previous = () => (before === null ? null : (JSON.parse(before) as JsonObject))
    projectors.feed({ ...store.key, id, document, previous, stands })
  }

  function forget(store: ProjectedDatabase, { id, body, deleted }: StandingRow): void {
    statements.remove.run(store.number, id)
    if (deleted === 0) feed(store, id, null, body)
  }

  const stands = (ownerId: string, collection: string, id: string): boolean => statements.stands.get(ownerId, collection, id) !== undefined

  return {
    database,
    logId,
    registerProjector: (projector) => projectors.register(projector),
    of(key) {
      const name = `${key.ownerId ?? ''}/${key.collection}`
      const held = known.get(name)
      if (held !== undefined) return held
      statements.addStore.run(key.ownerId, key.collection)
      const row = statements.findStore.get(key.ownerId ?? '', key.collection) as { number: number; feed_seq: string | null }
      const store: ProjectedDatabase = { key, number: row.number, feedSeq: row.feed_seq }
      known.set(name, store)
      return store
    },
    apply(store, changes, { feedSeq, origin } = {}) {
      const ordinalBefore = lastOrdinal
      try {
        const applied = inTransaction(database, () => {
          const done: Applied[] = []
          const ids = new Set(changes.map(({ id }) => id))
          // The same document twice: the second change stands on the first.
          const asked = ids.size === changes.length ? standingRows(store, [...ids]) : null
          for (const change of changes) {
            const standing = (asked ?? standingRows(store, [change.id])).get(change.id)
            const one = applyOne(store, change, standing, feedSeq !== undefined, origin ?? null)
            if (one !== null) done.push(one)
          }
          if (feedSeq !== undefined && feedSeq !== store.feedSeq) {
            statements.setFeedSeq.run(feedSeq, store.number)
            marks.add(store.number, lastOrdinal, feedSeq)
          }
          if (done.length > 0) statements.writeCounter.run(String(lastOrdinal))
          return done
        })
        if (feedSeq !== undefined) {
          store.feedSeq = feedSeq
          marks.committed(store.number, lastOrdinal, feedSeq)
        }
        if (applied.length > 0) for (const listener of listeners) listener(applied)
        return applied
      } catch (thrown) {
        lastOrdinal = ordinalBefore
        throw thrown
      }
    },
    revision: (store, id) => (statements.rev.get(store.number, id) as { rev: string } | undefined)?.rev ?? null,
    get: (store, id) => (statements.get.get(store.number, id) as { rev: string; body: string } | undefined) ?? null,
    getMany(store, ids) {
      const found = standingRows(store, ids)
      for (const [id, { deleted }] of found) if (deleted === 1) found.delete(id)
      return found
    },
    scanPage: (store, afterId, limit) =>
      statements.scan.all(store.number, afterId, limit) as unknown as { id: string; rev: string; body: string }[],
    changesAfter(store, ordinal, most, nodeId) {
      if (nodeId === null) return pageOf<PageRow>(most, statements.page, store.number, ordinal)
      return pageOf<PageRow>(most, statements.nodePage, store.number, nodeId, ordinal)
    },
    oldestPage: (store, { at, id }, beforeAt, limit) =>
      statements.oldest.all(store.number, at, id, beforeAt, limit) as unknown as OldestRow[],
    openPage: (store, afterId, most) => pageOf<PlacedRow>(most, statements.openPage, store.number, afterId),
    newestPage(store, { nodeId, jobId, beforeAt, beforeId }, most) {
      if (nodeId !== undefined) return pageOf<PlacedRow>(most, statements.newestOfNode, store.number, nodeId, beforeAt, beforeId)
      if (jobId !== undefined) return pageOf<PlacedRow>(most, statements.newestOfJob, store.number, jobId, beforeAt, beforeId)
      return pageOf<PlacedRow>(most, statements.newest, store.number, beforeAt, beforeId)
    },
    lastOrdinal: () => lastOrdinal,
    seqAt: (store, ordinal) => marks.seqAt(store.number, ordinal),
    digest(without = []) {
      const hash = createHash('sha256')
      const rows = database.prepare(
        `SELECT coalesce(owner_id, '') || '/' || collection AS name, id, rev, body FROM documents JOIN stores ON number = store
         WHERE deleted = 0 AND collection NOT IN (SELECT value FROM json_each(?)) ORDER BY name, id`,
      )
      for (const row of rows.iterate(JSON.stringify(without))) hash.update(JSON.stringify(row))
      projectors.digest(hash)
      return hash.digest('hex')
    },
    onApplied(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close() {
      listeners.clear()
      if (!database.isOpen) return
      database.exec("INSERT INTO meta VALUES ('clean', '1') ON CONFLICT DO NOTHING")
      database.close()
    },
  }
}

/** The statement's last parameter is how many rows at most. */
function pageOf<Row extends { body: string }>(most: PageSize, statement: StatementSync, ...parameters: (string | number)[]): Row[] {
  const rows: Row[] = []
  let characters = 0
  for (const raw of statement.iterate(...parameters, most.rows)) {
    // Safe: the caller names the statement's columns.
    const row = raw as unknown as Row
    rows.push(row)
    characters += row.body.length
    if (characters >= most.characters) break
  }
  return rows
}

/** A feed's word on which of two revisions of one generation won counts; an own write's answer may be older than what the feed brought. */
function replaces(incoming: string, standing: string, fromFeed: boolean): boolean {
  if (incoming === standing) return false
  const [next, now] = [Number.parseInt(incoming, 10), Number.parseInt(standing, 10)]
  return next > now || (fromFeed && next === now)
}

function nodeOf(store: ProjectedDatabase, document: JsonObject): string | null {
  const { ownerId, collection } = store.key
  if (ownerId === null || !isCollectionName(collection)) return null
  const field = collections[collection].nodeField
  const value = field === null ? null : document[field]
  return typeof value === 'string' ? value : null
}

/** What was put away is taken out of the store: see `apply` in projection.ts. */
function isPutAway({ key }: ProjectedDatabase, { at }: StandingRow, nowMs: number): boolean {
  if (key.ownerId === null) return true
  return at !== null && at < archiveCutoff(nowMs) && isCollectionName(key.collection) && retention[key.collection] !== 'kept'
}

/** By what the document is found when a part of its collection is asked for. */
function placeOf(store: ProjectedDatabase, document: JsonObject | null): { jobId: string | null; at: number | null; open: 1 | null } {
  const { ownerId, collection } = store.key
  const window = ownerId !== null && isCollectionName(collection) ? dashboardWindows[collection] : undefined
  if (document === null || window === undefined) return { jobId: null, at: null, open: null }
  const { jobId } = document
  return { jobId: typeof jobId === 'string' ? jobId : null, at: window.timeOf(document), open: window.isOpen(document) ? 1 : null }
}

/** Clients get the last known fields with the mark, because their indexes need them. */
function tombstone(id: string, lastBody: string | undefined): string {
  const last = lastBody === undefined ? {} : (JSON.parse(lastBody) as JsonObject)
  return JSON.stringify({ ...last, id, _deleted: true })
}

/** The index is said: without figures of the tables, SQLite takes the one of all documents for those of a node, and reads a farm's. */
const newestSql = (index: string, of = ''): string => `
  SELECT id, at, body FROM documents INDEXED BY ${index} WHERE store = ? AND ${of} at IS NOT NULL AND deleted = 0 AND (at, id) < (?, ?)
  ORDER BY at DESC, id DESC LIMIT ?`

function prepare(database: DatabaseSync) {
  return {
    readCounter: database.prepare("SELECT value FROM meta WHERE name = 'ordinal'"),
    writeCounter: database.prepare("INSERT INTO meta VALUES ('ordinal', ?) ON CONFLICT DO UPDATE SET value = excluded.value"),
    addStore: database.prepare('INSERT INTO stores (owner_id, collection) VALUES (?, ?) ON CONFLICT DO NOTHING'),
    findStore: database.prepare("SELECT number, feed_seq FROM stores WHERE coalesce(owner_id, '') = ? AND collection = ?"),
    setFeedSeq: database.prepare('UPDATE stores SET feed_seq = ? WHERE number = ?'),
    rows: database.prepare(
      'SELECT id, rev, body, deleted, node_id, at FROM documents WHERE store = ? AND id IN (SELECT value FROM json_each(?))',
    ),
    rev: database.prepare('SELECT rev FROM documents WHERE store = ? AND id = ?'),
    get: database.prepare('SELECT rev, body FROM documents WHERE store = ? AND id = ? AND deleted = 0'),
    insert: database.prepare(
      'INSERT INTO documents (ordinal, store, id, rev, node_id, deleted, body, job_id, at, open) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    remove: database.prepare('DELETE FROM documents WHERE store = ? AND id = ?'),
    scan: database.prepare('SELECT id, rev, body FROM documents WHERE store = ? AND id > ? AND deleted = 0 ORDER BY id LIMIT ?'),
    stands: database.prepare(standsSql),
    oldest: database.prepare(
      'SELECT id, at, rev, body FROM documents WHERE store = ? AND deleted = 0 AND (at, id) > (?, ?) AND at < ? ORDER BY at, id LIMIT ?',
    ),
    openPage: database.prepare('SELECT id, at, body FROM documents WHERE store = ? AND open = 1 AND id > ? ORDER BY id LIMIT ?'),
    newest: database.prepare(newestSql('documents_at')),
    newestOfNode: database.prepare(newestSql('documents_node_at', 'node_id = ? AND')),
    newestOfJob: database.prepare(newestSql('documents_job_at', 'job_id = ? AND')),
    page: database.prepare('SELECT ordinal, body, deleted FROM documents WHERE store = ? AND ordinal > ? ORDER BY ordinal LIMIT ?'),
    nodePage: database.prepare(
      'SELECT ordinal, body, deleted FROM documents WHERE store = ? AND node_id = ? AND ordinal > ? ORDER BY ordinal LIMIT ?',
    ),
  }
}
