import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Rollup } from '#shared/collections/rollup.schema.ts'
import { statementsOf } from '../jobs/statementsOf.ts'
import type { Projector } from '../projection/projector.ts'

/** The day totals of nodes as one narrow table, so that a farm's month is summed without reading its documents. */
export const nodeDayProjector: Projector = {
  name: 'nodeDays',
  version: 2,
  reads: ['rollups'],
  tables: ['node_days'],
  createTables(database) {
    database.exec(`
      CREATE TABLE IF NOT EXISTS node_days (
        owner_id TEXT NOT NULL, node_id TEXT NOT NULL, day TEXT NOT NULL,
        net INTEGER NOT NULL, completed INTEGER NOT NULL, failed INTEGER NOT NULL, frames INTEGER NOT NULL,
        PRIMARY KEY (owner_id, node_id, day)
      ) WITHOUT ROWID;
    `)
  },
  onChange(database, change) {
    const { ownerId, collection, document } = change
    if (ownerId === null || collection !== 'rollups') return
    const sql = statementsOf(database, makeStatements)
    // Safe: the collection holds nothing else.
    const now = document as Rollup | null
    const rollup = now ?? (change.previous() as Rollup | null)
    if (rollup === null || rollup.nodeId === null) return
    if (now === null) sql.remove.run(ownerId, rollup.nodeId, rollup.day)
    else sql.put.run(ownerId, rollup.nodeId, now.day, now.networkNetMicro, now.tasksCompleted, now.tasksFailed, now.framesAccepted)
  },
}

export interface NodeTotals {
  nodeId: string
  networkNetMicro: number
  tasksCompleted: number
  tasksFailed: number
}

/** Per node, over the days from `fromDay` up to but not including `toDay`. */
export function nodeTotals(database: DatabaseSync, ownerId: string, fromDay: string, toDay: string): NodeTotals[] {
  return statementsOf(database, makeStatements).totals.all(ownerId, fromDay, toDay) as unknown as NodeTotals[]
}

function makeStatements(database: DatabaseSync): Record<'remove' | 'put' | 'totals', StatementSync> {
  return {
    remove: database.prepare('DELETE FROM node_days WHERE owner_id = ? AND node_id = ? AND day = ?'),
    put: database.prepare('INSERT OR REPLACE INTO node_days VALUES (?, ?, ?, ?, ?, ?, ?)'),
    totals: database.prepare(`
      SELECT node_id AS nodeId, sum(net) AS networkNetMicro, sum(completed) AS tasksCompleted, sum(failed) AS tasksFailed
      FROM node_days WHERE owner_id = ? AND day >= ? AND day < ? GROUP BY node_id`),
  }
}
