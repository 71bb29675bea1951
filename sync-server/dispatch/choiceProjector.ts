import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { choiceClassOf, type ChoiceClass } from '#shared/rules/choice.ts'
import { isAvailable, openFrames, type Chunk } from '../jobs/chunk.ts'
import type { ProjectedChange, Projector } from '../projection/projector.ts'
import { statementsOf } from '../jobs/statementsOf.ts'

/**
 * The index that the next chunk is chosen by: every chunk that may be given out now, under the text of its class.
 * Chunks with the same needs share a class and there are few classes, so a choice is one index seek a class, however many chunks wait.
 */
export const choiceProjector: Projector = {
  name: 'choice',
  version: 2,
  reads: ['chunks'],
  tables: ['choice', 'choice_avoid'],
  createTables(database) {
    database.exec(`
      CREATE TABLE IF NOT EXISTS choice (
        chunk_id TEXT PRIMARY KEY, class TEXT NOT NULL, owner_id TEXT NOT NULL, job_id TEXT NOT NULL, rank INTEGER NOT NULL, frames INTEGER NOT NULL
      ) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS choice_by_class ON choice (class, rank, chunk_id);
      CREATE INDEX IF NOT EXISTS choice_by_job ON choice (owner_id, job_id);
      CREATE INDEX IF NOT EXISTS choice_by_owner ON choice (owner_id, class, rank, chunk_id);
      CREATE TABLE IF NOT EXISTS choice_avoid (
        chunk_id TEXT NOT NULL, node_id TEXT NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (chunk_id, node_id)
      ) WITHOUT ROWID;
    `)
  },
  onChange(database, change) {
    if (change.ownerId !== null || change.collection !== 'chunks') return
    const sql = statementsOf(database, makeStatements)
    sql.remove.run(change.id)
    sql.removeAvoid.run(change.id)
    const chunk = chunkIn(change)
    if (!chunk || !isAvailable(chunk)) return
    const wanted = classKey(choiceClassOf(chunk.needs, chunk.microPerUnit))
    sql.insert.run(chunk.id, wanted, chunk.jobOwnerId, chunk.jobId, chunk.rank, openFrames(chunk).length)
    for (const failure of chunk.failures) sql.insertAvoid.run(chunk.id, failure.nodeId, failure.avoidUntil)
  },
}

function makeStatements(database: DatabaseSync): Record<'remove' | 'removeAvoid' | 'insert' | 'insertAvoid', StatementSync> {
  return {
    remove: database.prepare('DELETE FROM choice WHERE chunk_id = ?'),
    removeAvoid: database.prepare('DELETE FROM choice_avoid WHERE chunk_id = ?'),
    insert: database.prepare('INSERT INTO choice VALUES (?, ?, ?, ?, ?, ?)'),
    insertAvoid: database.prepare('INSERT INTO choice_avoid VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET until = max(until, excluded.until)'),
  }
}

/** The chunk of a change, or null when it was deleted. Safe: the private database holds nothing but chunks. */
export const chunkIn = (change: ProjectedChange): Chunk | null => change.document as Chunk | null

export const classKey = (wanted: ChoiceClass): string =>
  JSON.stringify([wanted.kind, wanted.versionNumber, wanted.engine, wanted.denoiser, wanted.vramMiB, wanted.microPerUnit])

export function classFromKey(key: string): ChoiceClass {
  // Safe: only `classKey` writes these texts.
  const [kind, versionNumber, engine, denoiser, vramMiB, microPerUnit] = JSON.parse(key) as [string, number, string, string, number, number]
  return { kind, versionNumber, engine, denoiser, vramMiB, microPerUnit }
}
