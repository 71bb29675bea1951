import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { measuredMilliUnits, type OwnersMeasure } from '#shared/rules/workMeasure.ts'
import { attemptOf, type Chunk } from '../jobs/chunk.ts'
import { statementsOf } from '../jobs/statementsOf.ts'
import type { Projector } from '../projection/projector.ts'
import { chunkIn } from '../dispatch/choiceProjector.ts'

/** What frames of each job took on nodes of each owner: one row for a chunk and an owner with the middle one of its frames. */
export const frameWorkProjector: Projector = {
  name: 'frameWork',
  version: 1,
  reads: ['chunks'],
  tables: ['frame_work'],
  createTables(database) {
    database.exec(`
      CREATE TABLE IF NOT EXISTS frame_work (
        chunk_id TEXT NOT NULL, node_owner_id TEXT NOT NULL, owner_id TEXT NOT NULL, job_id TEXT NOT NULL, milli_units INTEGER NOT NULL,
        PRIMARY KEY (chunk_id, node_owner_id)
      ) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS frame_work_by_job ON frame_work (owner_id, job_id, node_owner_id, milli_units);
    `)
  },
  onChange(database, change) {
    if (change.ownerId !== null || change.collection !== 'chunks') return
    const sql = statementsOf(database, makeStatements)
    sql.remove.run(change.id)
    const chunk = chunkIn(change)
    if (!chunk) return
    for (const [nodeOwnerId, measures] of measuresIn(chunk))
      sql.insert.run(chunk.id, nodeOwnerId, chunk.jobOwnerId, chunk.jobId, middleOf(measures))
  },
}

/** Only attempts that were given out with a score measure anything; the owner's own work is no measure for others' pay. */
function measuresIn(chunk: Chunk): Map<string, number[]> {
  const found = new Map<string, number[]>()
  for (const frame of Object.values(chunk.accepted)) {
    const attempt = attemptOf(chunk, frame.token)
    if (attempt?.score === undefined || attempt.kind !== 'network') continue
    const measured = measuredMilliUnits(frame.renderMs, frame.at - attempt.issuedAt, attempt.score)
    found.set(frame.nodeOwnerId, [...(found.get(frame.nodeOwnerId) ?? []), measured])
  }
  return found
}
const middleOf = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)] ?? 0

/** Owners that are asked about one job: the price needs few, and a question must stay quick. */
const ownersAsked = 50

/** The middle measure of each owner whose nodes had frames of the job accepted. */
export function measuresOf(database: DatabaseSync, ownerId: string, jobId: string): OwnersMeasure[] {
  const sql = statementsOf(database, makeStatements)
  const owners = sql.owners.all(ownerId, jobId, ownersAsked) as unknown as { nodeOwnerId: string; chunks: number }[]
  return owners.map(({ nodeOwnerId, chunks }) => {
    const row = sql.middle.get(ownerId, jobId, nodeOwnerId, Math.floor((chunks - 1) / 2)) as { milliUnits: number }
    return { ownerId: nodeOwnerId, milliUnits: row.milliUnits }
  })
}

function makeStatements(database: DatabaseSync): Record<'remove' | 'insert' | 'owners' | 'middle', StatementSync> {
  return {
    remove: database.prepare('DELETE FROM frame_work WHERE chunk_id = ?'),
    insert: database.prepare('INSERT INTO frame_work VALUES (?, ?, ?, ?, ?)'),
    owners: database.prepare(
      `SELECT node_owner_id AS nodeOwnerId, count(*) AS chunks FROM frame_work WHERE owner_id = ? AND job_id = ?
       GROUP BY node_owner_id ORDER BY node_owner_id LIMIT ?`,
    ),
    middle: database.prepare(
      `SELECT milli_units AS milliUnits FROM frame_work WHERE owner_id = ? AND job_id = ? AND node_owner_id = ?
       ORDER BY milli_units LIMIT 1 OFFSET ?`,
    ),
  }
}
