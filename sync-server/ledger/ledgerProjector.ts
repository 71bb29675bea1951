import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { LedgerSum } from '#shared/api/gatewayCalls.ts'
import type { Earning } from '#shared/collections/earning.schema.ts'
import { statementsOf } from '../jobs/statementsOf.ts'
import type { Projector } from '../projection/projector.ts'
import { dayOf } from '../rollups/rollupLines.ts'

/**
 * Sums of the ledger by world, state and day of booking, kept by difference: each entry remembers what it added, so that it counts once however
 * often it comes. Day totals hold no states, because an entry's state changes long after its day.
 */
export const ledgerProjector: Projector = {
  name: 'ledger',
  version: 1,
  tables: ['ledger_lines', 'ledger_sums'],
  createTables(database) {
    database.exec(`
      CREATE TABLE IF NOT EXISTS ledger_lines (
        owner_id TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, day TEXT NOT NULL,
        gross INTEGER NOT NULL, fee INTEGER NOT NULL, net INTEGER NOT NULL, PRIMARY KEY (owner_id, id)
      ) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS ledger_sums (
        owner_id TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, day TEXT NOT NULL, entries INTEGER NOT NULL,
        gross INTEGER NOT NULL, fee INTEGER NOT NULL, net INTEGER NOT NULL, PRIMARY KEY (owner_id, kind, state, day)
      ) WITHOUT ROWID;
    `)
  },
  onChange(database, { ownerId, collection, id, document }) {
    if (ownerId === null || collection !== 'earnings') return
    const sql = statementsOf(database, makeStatements)
    const before = sql.line.get(ownerId, id) as LedgerLine | undefined
    if (before) {
      sql.add.run(ownerId, before.kind, before.state, before.day, -1, -before.gross, -before.fee, -before.net)
      sql.removeLine.run(ownerId, id)
    }
    if (document !== null) {
      // Safe: the collection holds nothing else.
      const line = lineOf(document as Earning)
      sql.insertLine.run(ownerId, id, line.kind, line.state, line.day, line.gross, line.fee, line.net)
      sql.add.run(ownerId, line.kind, line.state, line.day, 1, line.gross, line.fee, line.net)
    }
    if (before) sql.removeEmpty.run(ownerId, before.kind, before.state, before.day)
  },
}

interface LedgerLine {
  kind: string
  state: string
  day: string
  gross: number
  fee: number
  net: number
}

function lineOf(earning: Earning): LedgerLine {
  const { state, createdAt, grossMicro, feeMicro, netMicro } = earning
  // A correction belongs to the world of what it corrects.
  const kind = earning.kind === 'correction' && earning['ledgerKind'] === 'selfRender' ? 'selfRender' : earning.kind
  return { kind: kind === 'correction' ? 'network' : kind, state, day: dayOf(createdAt), gross: grossMicro, fee: feeMicro, net: netMicro }
}

/** All sums of an owner; amounts as decimal strings, because they may not fit into a double. */
export function ledgerSums(database: DatabaseSync, ownerId: string): LedgerSum[] {
  return statementsOf(database, makeStatements).sums.all(ownerId) as unknown as LedgerSum[]
}

function makeStatements(
  database: DatabaseSync,
): Record<'line' | 'removeLine' | 'insertLine' | 'add' | 'removeEmpty' | 'sums', StatementSync> {
  return {
    line: database.prepare('SELECT kind, state, day, gross, fee, net FROM ledger_lines WHERE owner_id = ? AND id = ?'),
    removeLine: database.prepare('DELETE FROM ledger_lines WHERE owner_id = ? AND id = ?'),
    insertLine: database.prepare('INSERT INTO ledger_lines VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
    add: database.prepare(`
      INSERT INTO ledger_sums VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
        entries = entries + excluded.entries, gross = gross + excluded.gross, fee = fee + excluded.fee, net = net + excluded.net`),
    removeEmpty: database.prepare('DELETE FROM ledger_sums WHERE owner_id = ? AND kind = ? AND state = ? AND day = ? AND entries = 0'),
    sums: database.prepare(`
      SELECT kind, state, day, entries, CAST(gross AS TEXT) AS grossMicro, CAST(fee AS TEXT) AS feeMicro, CAST(net AS TEXT) AS netMicro
      FROM ledger_sums WHERE owner_id = ?`),
  }
}
