import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { choiceClassOf } from '#shared/rules/choice.ts'
import { isCopyable, openAttempts, openFrames } from '../jobs/chunk.ts'
import { statementsOf } from '../jobs/statementsOf.ts'
import type { Projector } from '../projection/projector.ts'
import { chunkIn, classKey } from './choiceProjector.ts'

/** The chunks that one node has in hand and that may be given to a second, by class and by when they were given out. */
export const copyProjector: Projector = {
  name: 'copies',
  version: 1,
  reads: ['chunks'],
  tables: ['copies'],
  createTables(database) {
    database.exec(`
      CREATE TABLE IF NOT EXISTS copies (
        chunk_id TEXT PRIMARY KEY, class TEXT NOT NULL, owner_id TEXT NOT NULL, job_id TEXT NOT NULL, node_id TEXT NOT NULL,
        issued_at INTEGER NOT NULL, frames INTEGER NOT NULL
      ) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS copies_by_class ON copies (class, issued_at, chunk_id);
    `)
  },
  onChange(database, change) {
    if (change.ownerId !== null || change.collection !== 'chunks') return
    const sql = statementsOf(database, makeStatements)
    sql.remove.run(change.id)
    const chunk = chunkIn(change)
    if (!chunk || !isCopyable(chunk)) return
    const [first] = openAttempts(chunk)
    if (!first) return
    const wanted = classKey(choiceClassOf(chunk.needs, chunk.microPerUnit))
    sql.insert.run(chunk.id, wanted, chunk.jobOwnerId, chunk.jobId, first.nodeId, first.issuedAt, openFrames(chunk).length)
  },
}

function makeStatements(database: DatabaseSync): Record<'remove' | 'insert', StatementSync> {
  return {
    remove: database.prepare('DELETE FROM copies WHERE chunk_id = ?'),
    insert: database.prepare('INSERT INTO copies VALUES (?, ?, ?, ?, ?, ?, ?)'),
  }
}
