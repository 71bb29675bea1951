import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { isJobSettled, type JobCounts } from '#shared/rules/jobProgress.ts'
import type { Job, JobState } from '#shared/collections/job.schema.ts'
import type { ProjectedChange, Projector } from '../projection/projector.ts'
import { attemptOf, isAccepted, isFailed, openAttempts, priceOf, type Chunk } from './chunk.ts'
import { statementsOf } from './statementsOf.ts'

/** What the job service wrote into a job's state about itself: which wishes it has carried out. */
export type Handled = {
  wanted: Job['wanted']
  retryGeneration: number
  /** The chunks all exist. */
  split: boolean
  /** When this gateway first saw the job, in server time: its place in the queue, whatever the sender's clock says. */
  receivedAt: number
}
export const handledOf = (state: JobState | null): Handled | null => (state?.['handled'] as Handled | undefined) ?? null

/**
 * Counts per chunk (so that a job's progress is a sum over an index), and per job what its creator wants beside what was carried out
 * (so that a restart finds what is not settled without reading every job).
 */
export const jobProjector: Projector = {
  name: 'jobs',
  version: 4,
  reads: ['chunks', 'jobs', 'jobStates'],
  tables: ['chunk_progress', 'job_index'],
  createTables(database) {
    database.exec(`
      CREATE TABLE IF NOT EXISTS chunk_progress (
        chunk_id TEXT PRIMARY KEY, owner_id TEXT NOT NULL, job_id TEXT NOT NULL,
        total INTEGER NOT NULL, accepted INTEGER NOT NULL, failed INTEGER NOT NULL, assigned INTEGER NOT NULL, cost INTEGER NOT NULL,
        wanted TEXT NOT NULL
      ) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS chunk_progress_by_job
        ON chunk_progress (owner_id, job_id, wanted, total, accepted, failed, assigned, cost);
      CREATE TABLE IF NOT EXISTS job_index (
        owner_id TEXT NOT NULL, job_id TEXT NOT NULL, wanted TEXT, retry_generation INTEGER, state TEXT, settled INTEGER NOT NULL DEFAULT 0,
        handled_wanted TEXT, handled_retry INTEGER, PRIMARY KEY (owner_id, job_id)
      ) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS job_index_open ON job_index (owner_id, job_id)
        WHERE settled = 0 OR handled_wanted IS NOT wanted OR handled_retry IS NOT retry_generation;
    `)
  },
  onChange(database, change) {
    if (change.ownerId === null) {
      if (change.collection === 'chunks') onChunk(database, change)
    } else if (change.collection === 'jobs') onJob(database, change.ownerId, change)
    else if (change.collection === 'jobStates') onJobState(database, change.ownerId, change)
  },
}

function onChunk(database: DatabaseSync, change: ProjectedChange): void {
  const sql = statementsOf(database, makeStatements)
  const chunk = change.document as Chunk | null
  if (!chunk) {
    sql.removeChunk.run(change.id)
    return
  }
  const accepted = Object.values(chunk.accepted)
  const inHand = new Set(openAttempts(chunk).flatMap(({ frames }) => frames))
  const assigned = [...inHand].filter((frame) => !isAccepted(chunk, frame) && !isFailed(chunk, frame)).length
  sql.putChunk.run(
    chunk.id,
    chunk.jobOwnerId,
    chunk.jobId,
    chunk.frames.length,
    accepted.length,
    Object.keys(chunk.failed).length,
    assigned,
    accepted.reduce((sum, { token }) => sum + priceOf(chunk, attemptOf(chunk, token)), 0),
    chunk.wanted,
  )
}

function onJob(database: DatabaseSync, ownerId: string, change: ProjectedChange): void {
  const sql = statementsOf(database, makeStatements)
  const job = change.document as Job | null
  if (job === null) {
    // It was put away; its state may still be here for a moment.
    sql.putJob.run(ownerId, change.id, null, null)
    sql.removeEmpty.run(ownerId, change.id)
    return
  }
  // A deleted job is a cancelled one.
  sql.putJob.run(ownerId, change.id, job.deletedAt === undefined ? job.wanted : 'cancelled', job.retryGeneration)
}

function onJobState(database: DatabaseSync, ownerId: string, change: ProjectedChange): void {
  const state = change.document as JobState | null
  const handled = handledOf(state)
  const settled = state !== null && isJobSettled(state.state) ? 1 : 0
  const sql = statementsOf(database, makeStatements)
  sql.putState.run(ownerId, change.id, state?.state ?? null, settled, handled?.wanted ?? null, handled?.retryGeneration ?? null)
  if (state === null) sql.removeEmpty.run(ownerId, change.id)
}

/** Sums over a job's chunks; a range of one index. */
export function countsOf(database: DatabaseSync, ownerId: string, jobId: string): JobCounts & { costMicro: number } {
  return statementsOf(database, makeStatements).counts.get(ownerId, jobId) as unknown as JobCounts & { costMicro: number }
}

/** Is the job over, with all that its creator wants of it carried out? */
export function isJobOver(database: DatabaseSync, ownerId: string, jobId: string): boolean {
  return statementsOf(database, makeStatements).over.get(ownerId, jobId) !== undefined
}

/** Jobs that wait for something to be done, and by whom they were sent. */
export function openJobs(database: DatabaseSync): { ownerId: string; jobId: string }[] {
  return statementsOf(database, makeStatements).open.all() as { ownerId: string; jobId: string }[]
}

/**
 * Jobs of which a chunk holds another wish than the one that counts as carried out, or whose own wish was not carried out: that is so for a
 * moment while a gateway is at it, and stays so where one of several was killed between a chunk and the job's state.
 */
export function unfollowedJobs(database: DatabaseSync): { ownerId: string; jobId: string }[] {
  return statementsOf(database, makeStatements).unfollowed.all() as { ownerId: string; jobId: string }[]
}

/** This owner's jobs that wait for an upload. */
export function jobsWaitingForFiles(database: DatabaseSync, ownerId: string): string[] {
  return (statementsOf(database, makeStatements).waiting.all(ownerId) as { job_id: string }[]).map((row) => row.job_id)
}

function makeStatements(
  database: DatabaseSync,
): Record<
  'removeChunk' | 'putChunk' | 'putJob' | 'putState' | 'removeEmpty' | 'counts' | 'over' | 'open' | 'unfollowed' | 'waiting',
  StatementSync
> {
  const isOpen = '(settled = 0 OR handled_wanted IS NOT wanted OR handled_retry IS NOT retry_generation)'
  return {
    removeChunk: database.prepare('DELETE FROM chunk_progress WHERE chunk_id = ?'),
    putChunk: database.prepare('INSERT OR REPLACE INTO chunk_progress VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    putJob: database.prepare(`INSERT INTO job_index (owner_id, job_id, wanted, retry_generation) VALUES (?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET wanted = excluded.wanted, retry_generation = excluded.retry_generation`),
    putState:
      database.prepare(`INSERT INTO job_index (owner_id, job_id, state, settled, handled_wanted, handled_retry) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET state = excluded.state, settled = excluded.settled, handled_wanted = excluded.handled_wanted,
        handled_retry = excluded.handled_retry`),
    removeEmpty: database.prepare('DELETE FROM job_index WHERE owner_id = ? AND job_id = ? AND wanted IS NULL AND state IS NULL'),
    over: database.prepare(`SELECT 1 FROM job_index WHERE owner_id = ? AND job_id = ? AND NOT ${isOpen}`),
    counts:
      database.prepare(`SELECT coalesce(sum(total), 0) AS total, coalesce(sum(accepted), 0) AS accepted, coalesce(sum(failed), 0) AS failed,
      coalesce(sum(assigned), 0) AS assigned, coalesce(sum(cost), 0) AS costMicro FROM chunk_progress WHERE owner_id = ? AND job_id = ?`),
    open: database.prepare(
      `SELECT owner_id AS ownerId, job_id AS jobId FROM job_index WHERE ${isOpen} AND wanted IS NOT NULL ORDER BY owner_id, job_id`,
    ),
    // Two ranges of the index for each job, however many chunks it has.
    unfollowed: database.prepare(`SELECT owner_id AS ownerId, job_id AS jobId FROM job_index j WHERE wanted IS NOT NULL AND (
      (handled_wanted IS NOT NULL AND (handled_wanted <> wanted OR handled_retry < retry_generation))
      OR EXISTS (SELECT 1 FROM chunk_progress p WHERE p.owner_id = j.owner_id AND p.job_id = j.job_id AND p.wanted < j.handled_wanted)
      OR EXISTS (SELECT 1 FROM chunk_progress p WHERE p.owner_id = j.owner_id AND p.job_id = j.job_id AND p.wanted > j.handled_wanted))`),
    waiting: database.prepare(`SELECT job_id FROM job_index WHERE ${isOpen} AND owner_id = ? AND state = 'waitingForFiles'`),
  }
}
