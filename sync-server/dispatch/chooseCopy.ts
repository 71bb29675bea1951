import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { canRender, paysEnough } from '#shared/rules/choice.ts'
import { copyDueMs, oldestUndueMs } from '#shared/rules/copies.ts'
import { statementsOf } from '../jobs/statementsOf.ts'
import { classOf, type Asker, type Choice } from './choose.ts'
import type { FrameTimes } from './frameTimes.ts'

/** Rows of a class that are looked at: those of jobs that still have chunks waiting, and those that are not due yet, are passed over. */
const rowsPerClass = 200

interface CopyRow {
  chunk_id: string
  owner_id: string
  job_id: string
  issued_at: number
  frames: number
}

/**
 * A chunk that another node has had in hand for too long while nothing of its job waits any more (see `shared/rules/copies.ts`), for a node that has
 * nothing else to do: the one given out first. null: none.
 */
export function chooseCopy(
  database: DatabaseSync,
  asker: Asker,
  nowMs: number,
  frameTimes: Pick<FrameTimes, 'expected'>,
  taken: ReadonlySet<string>,
): Choice | null {
  const sql = statementsOf(database, makeStatements)
  let best: { row: CopyRow; own: boolean } | null = null
  for (const key of (sql.classes.all() as { class: string }[]).map((row) => row.class)) {
    const wanted = classOf(key)
    if (!canRender(wanted, asker.capabilities)) continue
    const rows = sql.ofClass.all(key, oldestUndueMs(nowMs), asker.nodeId, asker.nodeId, nowMs, rowsPerClass) as unknown as CopyRow[]
    for (const row of rows) {
      const own = row.owner_id === asker.ownerId
      if (asker.avoidJobs?.includes(row.job_id)) continue
      if (taken.has(row.chunk_id) || (!own && !paysEnough(wanted, asker.capabilities))) continue
      if (copyDueMs(row.issued_at, row.frames, frameTimes.expected(row.owner_id, row.job_id)) > nowMs) continue
      if (best && (best.own && !own ? true : best.own === own && best.row.issued_at <= row.issued_at)) continue
      best = { row, own }
    }
  }
  return best && { chunkId: best.row.chunk_id, jobOwnerId: best.row.owner_id, jobId: best.row.job_id, frames: best.row.frames }
}

function makeStatements(database: DatabaseSync): Record<'classes' | 'ofClass', StatementSync> {
  return {
    classes: database.prepare(`
      WITH RECURSIVE found (class) AS (
        SELECT min(class) FROM copies
        UNION ALL SELECT (SELECT min(class) FROM copies WHERE class > found.class) FROM found WHERE found.class IS NOT NULL
      ) SELECT class FROM found WHERE class IS NOT NULL`),
    ofClass: database.prepare(`
      SELECT chunk_id, owner_id, job_id, issued_at, frames FROM copies INDEXED BY copies_by_class
      WHERE class = ? AND issued_at <= ? AND node_id <> ?
        AND NOT EXISTS (SELECT 1 FROM choice_avoid a WHERE a.chunk_id = copies.chunk_id AND a.node_id = ? AND a.until > ?)
        AND NOT EXISTS (SELECT 1 FROM choice c WHERE c.owner_id = copies.owner_id AND c.job_id = copies.job_id)
      ORDER BY issued_at, chunk_id LIMIT ?`),
  }
}
