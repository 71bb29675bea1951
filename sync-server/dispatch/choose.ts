import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { canRender, paysEnough, type Capabilities, type ChoiceClass } from '#shared/rules/choice.ts'
import { statementsOf } from '../jobs/statementsOf.ts'
import { classFromKey } from './choiceProjector.ts'

export interface Asker {
  nodeId: string
  ownerId: string
  capabilities: Capabilities
  /** Jobs that failed at this node repeatedly. */
  avoidJobs?: readonly string[]
}
export interface Choice {
  chunkId: string
  jobOwnerId: string
  jobId: string
  frames: number
}

/** Rows of one class that are looked at before it is given up: those reserved this moment or avoided by this node. */
const rowsPerClass = 500
const classCache = new Map<string, ChoiceClass>()

/**
 * The next chunk for a node: its own owner's first, then others', by rank (see `shared/rules/choice.ts`).
 * One seek per class of needs that waits, so O(classes × log n). `taken` are chunks being given out at this moment.
 * null: nothing fits.
 */
export function chooseNext(database: DatabaseSync, asker: Asker, nowMs: number, taken: ReadonlySet<string>): Choice | null {
  const sql = statementsOf(database, makeStatements)
  const { avoidJobs = [] } = asker
  const avoided = JSON.stringify(avoidJobs)
  const own = bestOf(
    texts(sql.ownClasses.all(asker.ownerId, asker.ownerId)),
    (wanted) => canRender(wanted, asker.capabilities),
    (key) =>
      avoidJobs.length === 0
        ? sql.own.iterate(asker.nodeId, nowMs, asker.ownerId, key, rowsPerClass)
        : sql.ownBut.iterate(asker.nodeId, nowMs, avoided, asker.ownerId, key, rowsPerClass),
    taken,
  )
  if (own) return own
  return bestOf(
    texts(sql.classes.all()),
    (wanted) => canRender(wanted, asker.capabilities) && paysEnough(wanted, asker.capabilities),
    (key) =>
      avoidJobs.length === 0
        ? sql.any.iterate(asker.nodeId, nowMs, key, rowsPerClass)
        : sql.anyBut.iterate(asker.nodeId, nowMs, avoided, key, rowsPerClass),
    taken,
  )
}

/** How many chunks of that chunk's class wait, counted no further than `limit`. */
export function waitingBeside(database: DatabaseSync, chunkId: string, limit: number): { wanted: ChoiceClass; count: number } | null {
  const row = statementsOf(database, makeStatements).beside.get(chunkId, limit) as { class: string; count: number } | undefined
  return row === undefined ? null : { wanted: classOf(row.class), count: row.count }
}

/** Does anything wait that this node could render? For waking idle nodes; does not look at single chunks. */
export function anythingFor(database: DatabaseSync, asker: Asker): boolean {
  const sql = statementsOf(database, makeStatements)
  return texts(sql.classes.all()).some((key) => canRender(classOf(key), asker.capabilities))
}

function bestOf(
  keys: string[],
  fits: (wanted: ChoiceClass) => boolean,
  rowsOf: (key: string) => Iterable<unknown>,
  taken: ReadonlySet<string>,
): Choice | null {
  let best: { choice: Choice; rank: number } | null = null
  for (const key of keys) {
    if (!fits(classOf(key))) continue
    for (const row of rowsOf(key) as Iterable<{ chunk_id: string; owner_id: string; job_id: string; rank: number; frames: number }>) {
      if (best && (row.rank > best.rank || (row.rank === best.rank && row.chunk_id > best.choice.chunkId))) break
      if (taken.has(row.chunk_id)) continue
      best = { choice: { chunkId: row.chunk_id, jobOwnerId: row.owner_id, jobId: row.job_id, frames: row.frames }, rank: row.rank }
      break
    }
  }
  return best?.choice ?? null
}

export function classOf(key: string): ChoiceClass {
  const known = classCache.get(key)
  if (known) return known
  if (classCache.size > 5_000) classCache.clear()
  const wanted = classFromKey(key)
  classCache.set(key, wanted)
  return wanted
}

const texts = (rows: unknown[]): string[] => (rows as { class: string }[]).map((row) => row.class)

function makeStatements(
  database: DatabaseSync,
): Record<'classes' | 'ownClasses' | 'any' | 'anyBut' | 'own' | 'ownBut' | 'beside', StatementSync> {
  const notAvoided = 'NOT EXISTS (SELECT 1 FROM choice_avoid a WHERE a.chunk_id = choice.chunk_id AND a.node_id = ? AND a.until > ?)'
  // Apart from the usual statements, because most nodes avoid nothing and each row would be asked about.
  const notOfJobs = 'job_id NOT IN (SELECT value FROM json_each(?))'
  const any = (wanted: string) =>
    `SELECT * FROM choice INDEXED BY choice_by_class WHERE ${wanted} AND class = ? ORDER BY rank, chunk_id LIMIT ?`
  const own = (wanted: string) =>
    `SELECT * FROM choice INDEXED BY choice_by_owner WHERE ${wanted} AND owner_id = ? AND class = ? ORDER BY rank, chunk_id LIMIT ?`
  // The distinct classes by jumping through the index: DISTINCT would read every waiting chunk.
  const distinct = (owner: string) => `
    WITH RECURSIVE found (class) AS (
      SELECT min(class) FROM choice ${owner && `WHERE ${owner}`}
      UNION ALL
      SELECT (SELECT min(class) FROM choice WHERE ${owner && `${owner} AND`} class > found.class) FROM found WHERE found.class IS NOT NULL
    ) SELECT class FROM found WHERE class IS NOT NULL`
  return {
    beside: database.prepare(
      `SELECT class, (SELECT count(*) FROM (SELECT 1 FROM choice b WHERE b.class = choice.class LIMIT ?2)) AS count FROM choice WHERE chunk_id = ?1`,
    ),
    classes: database.prepare(distinct('')),
    ownClasses: database.prepare(distinct('owner_id = ?')),
    any: database.prepare(any(notAvoided)),
    anyBut: database.prepare(any(`${notAvoided} AND ${notOfJobs}`)),
    own: database.prepare(own(notAvoided)),
    ownBut: database.prepare(own(`${notAvoided} AND ${notOfJobs}`)),
  }
}
