import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Presence } from '#shared/collections/presence.schema.ts'
import type { Worker } from '#shared/collections/worker.schema.ts'
import { statementsOf } from '../jobs/statementsOf.ts'
import type { Projector } from '../projection/projector.ts'

/** What each worker asks, and which of them are here: what the network's average bid is made of. */
export const bidProjector: Projector = {
  name: 'bids',
  version: 1,
  reads: ['workers', 'presence'],
  tables: ['bids', 'bids_here'],
  createTables(database) {
    database.exec(`
      CREATE TABLE IF NOT EXISTS bids (node_id TEXT PRIMARY KEY, owner_id TEXT NOT NULL, bid INTEGER) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS bids_here (node_id TEXT PRIMARY KEY) WITHOUT ROWID;
    `)
  },
  onChange(database, change) {
    if (change.ownerId === null || (change.collection !== 'workers' && change.collection !== 'presence')) return
    const sql = statementsOf(database, makeStatements)
    if (change.collection === 'presence') {
      const here = (change.document as Presence | null)?.connected === true
      sql[here ? 'putHere' : 'removeHere'].run(change.id)
      return
    }
    const worker = change.document as Worker | null
    if (worker === null || worker.deletedAt !== undefined) sql.remove.run(change.id)
    else sql.put.run(change.id, change.ownerId, worker.wanted.bidMicroPerUnit ?? null)
  },
}

/** The bids of the workers that are connected, one list for each owner. */
export function bidsByOwner(database: DatabaseSync): (number | null)[][] {
  const rows = statementsOf(database, makeStatements).here.all() as unknown as { ownerId: string; bid: number | null }[]
  const owners = new Map<string, (number | null)[]>()
  for (const { ownerId, bid } of rows) {
    const bids = owners.get(ownerId)
    if (bids) bids.push(bid)
    else owners.set(ownerId, [bid])
  }
  return [...owners.values()]
}

function makeStatements(database: DatabaseSync): Record<'put' | 'remove' | 'putHere' | 'removeHere' | 'here', StatementSync> {
  return {
    put: database.prepare('INSERT OR REPLACE INTO bids VALUES (?, ?, ?)'),
    remove: database.prepare('DELETE FROM bids WHERE node_id = ?'),
    putHere: database.prepare('INSERT OR REPLACE INTO bids_here VALUES (?)'),
    removeHere: database.prepare('DELETE FROM bids_here WHERE node_id = ?'),
    here: database.prepare('SELECT owner_id AS ownerId, bid FROM bids_here JOIN bids USING (node_id)'),
  }
}
