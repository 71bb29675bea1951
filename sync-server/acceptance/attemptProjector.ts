import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { chunkIn } from '../dispatch/choiceProjector.ts'
import { statementsOf } from '../jobs/statementsOf.ts'
import type { Projector } from '../projection/projector.ts'

/**
 * Every attempt that is not settled: what a node holds now (its live assignments), whose lease may end, and what a restart has to look at
 * again. Settled attempts have no row, so it stays as small as the work in hand.
 */
export const attemptProjector: Projector = {
  name: 'attempts',
  version: 1,
  reads: ['chunks'],
  tables: ['attempts'],
  createTables(database) {
    database.exec(`
      CREATE TABLE IF NOT EXISTS attempts (
        task_id TEXT PRIMARY KEY, chunk_id TEXT NOT NULL, node_id TEXT NOT NULL, job_owner_id TEXT NOT NULL, job_id TEXT NOT NULL,
        state TEXT NOT NULL, frames INTEGER NOT NULL, issued_at INTEGER NOT NULL, expires_at INTEGER NOT NULL
      ) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS attempts_by_node ON attempts (node_id, state);
      CREATE INDEX IF NOT EXISTS attempts_by_chunk ON attempts (chunk_id);
      CREATE INDEX IF NOT EXISTS attempts_by_lease ON attempts (state, expires_at);
    `)
  },
  onChange(database, change) {
    if (change.ownerId !== null || change.collection !== 'chunks') return
    const sql = statementsOf(database, makeStatements)
    sql.remove.run(change.id)
    const chunk = chunkIn(change)
    for (const attempt of chunk?.attempts ?? []) {
      if (!chunk || attempt.state === 'settled') continue
      sql.insert.run(
        attempt.taskId,
        chunk.id,
        attempt.nodeId,
        chunk.jobOwnerId,
        chunk.jobId,
        attempt.state,
        attempt.frames.length,
        attempt.issuedAt,
        attempt.expiresAt,
      )
    }
  },
}

export interface LiveAttempt {
  taskId: string
  chunkId: string
  jobOwnerId: string
  jobId: string
  frames: number
  issuedAt: number
}

/** What the node has in hand: its open attempts. */
export function openAttemptsOf(database: DatabaseSync, nodeId: string): LiveAttempt[] {
  return statementsOf(database, makeStatements).ofNode.all(nodeId) as unknown as LiveAttempt[]
}

/** Open attempts whose lease is over, oldest first. */
export function overdueAttempts(database: DatabaseSync, nowMs: number, limit: number): LiveAttempt[] {
  return statementsOf(database, makeStatements).overdue.all(nowMs, limit) as unknown as LiveAttempt[]
}

/** The chunks with anything that may not be written out yet. */
export function unsettledChunks(database: DatabaseSync): string[] {
  return (statementsOf(database, makeStatements).unsettled.all() as { chunk_id: string }[]).map((row) => row.chunk_id)
}

/** Those of them of which nothing is awaited from a node any more: they should have been written out at once. */
export function leftUnsettled(database: DatabaseSync): string[] {
  return (statementsOf(database, makeStatements).left.all() as { chunk_id: string }[]).map((row) => row.chunk_id)
}

/** Tasks whose documents and ledger entries are not all known to be written. */
export function unsettledTasks(database: DatabaseSync): Set<string> {
  return new Set((statementsOf(database, makeStatements).tasks.all() as { task_id: string }[]).map((row) => row.task_id))
}

/** Does anything of the job wait to be written out, or is with a node? */
export function hasUnsettled(database: DatabaseSync, jobOwnerId: string, jobId: string): boolean {
  return statementsOf(database, makeStatements).ofJob.get(jobOwnerId, jobId) !== undefined
}

/** Those of the tasks whose documents and ledger entries are not all known to be written. */
export function unsettledAmong(database: DatabaseSync, taskIds: readonly string[]): ReadonlySet<string> {
  const rows = statementsOf(database, makeStatements).among.all(JSON.stringify(taskIds)) as { task_id: string }[]
  return new Set(rows.map((row) => row.task_id))
}

function makeStatements(
  database: DatabaseSync,
): Record<'remove' | 'insert' | 'ofJob' | 'among' | 'tasks' | 'ofNode' | 'overdue' | 'unsettled' | 'left', StatementSync> {
  const columns = 'task_id AS taskId, chunk_id AS chunkId, job_owner_id AS jobOwnerId, job_id AS jobId, frames, issued_at AS issuedAt'
  return {
    remove: database.prepare('DELETE FROM attempts WHERE chunk_id = ?'),
    insert: database.prepare('INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    ofNode: database.prepare(`SELECT ${columns} FROM attempts WHERE node_id = ? AND state = 'open'`),
    overdue: database.prepare(`SELECT ${columns} FROM attempts WHERE state = 'open' AND expires_at <= ? ORDER BY expires_at LIMIT ?`),
    ofJob: database.prepare('SELECT 1 FROM attempts WHERE job_owner_id = ? AND job_id = ?'),
    among: database.prepare('SELECT task_id FROM attempts WHERE task_id IN (SELECT value FROM json_each(?))'),
    tasks: database.prepare('SELECT task_id FROM attempts'),
    unsettled: database.prepare('SELECT DISTINCT chunk_id FROM attempts'),
    left: database.prepare("SELECT DISTINCT chunk_id FROM attempts WHERE state <> 'open'"),
  }
}
