import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { collections, isCollectionName } from '#shared/collections/collections.ts'
import type { JsonObject } from '#shared/json.ts'
import { dashboardWindows } from '#shared/sync/windows.ts'
import { statementsOf } from '../jobs/statementsOf.ts'
import type { NewestBefore } from '../projection/projection.ts'
import type { Projector } from '../projection/projector.ts'
import { asSegment, bodiesIn, digestOf } from './segment.ts'

/**
 * Where each archived document is: its segment and line, and by what it is found. A document that was put away, came back and was put away again
 * is in two segments; the newer version counts.
 */
export const archiveProjector: Projector = {
  name: 'archive',
  version: 1,
  reads: ['archive'],
  tables: ['archive_index', 'archive_segments'],
  createTables(database) {
    database.exec(`
      CREATE TABLE IF NOT EXISTS archive_index (
        owner_id TEXT NOT NULL, collection TEXT NOT NULL, id TEXT NOT NULL, segment TEXT NOT NULL, line INTEGER NOT NULL,
        digest TEXT NOT NULL, updated INTEGER NOT NULL, at INTEGER, node_id TEXT, job_id TEXT, PRIMARY KEY (owner_id, collection, id)
      ) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS archive_at ON archive_index (owner_id, collection, at, id) WHERE at IS NOT NULL;
      CREATE INDEX IF NOT EXISTS archive_node_at ON archive_index (owner_id, collection, node_id, at, id)
        WHERE at IS NOT NULL AND node_id IS NOT NULL;
      CREATE INDEX IF NOT EXISTS archive_job_at ON archive_index (owner_id, collection, job_id, at, id)
        WHERE at IS NOT NULL AND job_id IS NOT NULL;
      CREATE TABLE IF NOT EXISTS archive_segments (id TEXT PRIMARY KEY, month TEXT NOT NULL, documents INTEGER NOT NULL) WITHOUT ROWID;
    `)
  },
  onChange(database, { ownerId, collection, document }) {
    if (ownerId !== null || collection !== 'archive') return
    const segment = asSegment(document)
    if (segment === null) return
    const sql = statementsOf(database, makeStatements)
    sql.putSegment.run(segment.id, segment.month, segment.documents)
    for (const [line, body] of bodiesIn(segment).entries()) {
      const archived = JSON.parse(body) as JsonObject & { id: string }
      const { at, nodeId, jobId } = placeOf(segment.collection, archived)
      const updated = updatedOf(archived)
      sql.put.run(
        ...[segment.ownerId ?? '', segment.collection, archived.id, segment.id, line, digestOf(body)],
        ...[updated, at, nodeId, jobId],
      )
    }
  },
}

/** Of two versions of a document the one that changed last counts. Chunks do not say when they changed: every attempt of theirs does. */
function updatedOf(document: JsonObject): number {
  if (typeof document['updatedAt'] === 'number') return document['updatedAt']
  const attempts = Array.isArray(document['attempts']) ? (document['attempts'] as { changedAt?: number }[]) : []
  return Math.max(0, ...attempts.map(({ changedAt }) => changedAt ?? 0))
}

function placeOf(collection: string, document: JsonObject): { at: number | null; nodeId: string | null; jobId: string | null } {
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)
  const known = isCollectionName(collection) ? collection : null
  const nodeField = known === null ? null : collections[known].nodeField
  return {
    at: known === null ? null : (dashboardWindows[known]?.timeOf(document) ?? null),
    nodeId: nodeField === null ? null : text(document[nodeField]),
    jobId: text(document['jobId']),
  }
}

export interface ArchivedRow {
  id: string
  segment: string
  line: number
  digest: string
  at: number | null
}

/** Where those of the ids are that were put away. `ownerId` null: of a private database. */
export function archivedRows(database: DatabaseSync, ownerId: string | null, collection: string, ids: readonly string[]): ArchivedRow[] {
  if (ids.length === 0) return []
  return statementsOf(database, makeStatements).find.all(ownerId ?? '', collection, JSON.stringify(ids)) as unknown as ArchivedRow[]
}

/** Whether a document's version in this segment is the one that counts. */
export function isArchivedIn(database: DatabaseSync, ownerId: string, collection: string, id: string, segmentId: string): boolean {
  return archivedRows(database, ownerId, collection, [id])[0]?.segment === segmentId
}

/** The newest archived ones before a place, newest first. */
export function newestArchived(
  database: DatabaseSync,
  ownerId: string,
  collection: string,
  before: NewestBefore,
  limit: number,
): ArchivedRow[] {
  const { nodeId, jobId, beforeAt, beforeId } = before
  const sql = statementsOf(database, makeStatements)
  const rows =
    nodeId !== undefined
      ? sql.newestOfNode.all(ownerId, collection, nodeId, beforeAt, beforeId, limit)
      : jobId !== undefined
        ? sql.newestOfJob.all(ownerId, collection, jobId, beforeAt, beforeId, limit)
        : sql.newest.all(ownerId, collection, beforeAt, beforeId, limit)
  return rows as unknown as ArchivedRow[]
}

interface ArchiveFacts {
  documents: number
  segments: number
  /** `YYYY-MM`; null: nothing was put away yet. */
  oldestMonth: string | null
}
export function archiveFacts(database: DatabaseSync): ArchiveFacts {
  return statementsOf(database, makeStatements).facts.get() as unknown as ArchiveFacts
}

function makeStatements(
  database: DatabaseSync,
): Record<'putSegment' | 'put' | 'find' | 'newest' | 'newestOfNode' | 'newestOfJob' | 'facts', StatementSync> {
  const newest = (of: string): StatementSync =>
    database.prepare(`
      SELECT id, segment, line, digest, at FROM archive_index WHERE owner_id = ? AND collection = ? AND ${of} at IS NOT NULL
      AND (at, id) < (?, ?) ORDER BY at DESC, id DESC LIMIT ?`)
  return {
    putSegment: database.prepare('INSERT INTO archive_segments VALUES (?, ?, ?) ON CONFLICT DO NOTHING'),
    put: database.prepare(`
      INSERT INTO archive_index VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
        segment = excluded.segment, line = excluded.line, digest = excluded.digest, updated = excluded.updated,
        at = excluded.at, node_id = excluded.node_id, job_id = excluded.job_id
      WHERE (excluded.updated, excluded.segment) > (updated, segment)`),
    find: database.prepare(`
      SELECT id, segment, line, digest, at FROM archive_index
      WHERE owner_id = ? AND collection = ? AND id IN (SELECT value FROM json_each(?))`),
    newest: newest(''),
    newestOfNode: newest('node_id = ? AND'),
    newestOfJob: newest('job_id = ? AND'),
    facts: database.prepare(
      // By the index: two gateways that put away at once may each have written the same document into a segment.
      'SELECT (SELECT count(*) FROM archive_index) AS documents, count(*) AS segments, min(month) AS oldestMonth FROM archive_segments',
    ),
  }
}
