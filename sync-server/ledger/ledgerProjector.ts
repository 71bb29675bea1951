import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { LedgerSum } from '#shared/api/gatewayCalls.ts'
import type { Earning } from '#shared/collections/earning.schema.ts'
import { isSelfRender } from '#shared/rules/ledgerTotals.ts'
import { statementsOf } from '../jobs/statementsOf.ts'
import type { Projector } from '../projection/projector.ts'
import { blockGroupings, blockLevels, blockOf, type BlockGrouping } from './ledgerBlocks.ts'

/** The day of every zone of today begins at a quarter of an hour. */
export const quarterMs = 15 * 60_000

/**
 * The ledger as narrow lines in order of booking, and sums of it by world, kind and state, kept by difference: each entry remembers what it
 * added, so that it counts once however often it comes. One kind of sums is by quarter of an hour, from which the days of any zone are made; the
 * other (ledgerBlocks.ts) is by stretches of days, of all, of each worker and of each job, so that the lines of a farm's totals need not be
 * made of its entries. Day totals hold no states, because an entry's state changes long after its day.
 */
export const ledgerProjector: Projector = {
  name: 'ledger',
  version: 3,
  reads: ['earnings'],
  tables: ['ledger_lines', 'ledger_sums', 'ledger_blocks'],
  createTables(database) {
    database.exec(`
      CREATE TABLE IF NOT EXISTS ledger_lines (
        owner_id TEXT NOT NULL, at INTEGER NOT NULL, id TEXT NOT NULL, node_id TEXT NOT NULL, job_id TEXT NOT NULL, kind TEXT NOT NULL,
        self INTEGER NOT NULL, state TEXT NOT NULL, frames INTEGER NOT NULL, gross INTEGER NOT NULL, fee INTEGER NOT NULL, net INTEGER NOT NULL,
        PRIMARY KEY (owner_id, at, id)
      ) WITHOUT ROWID;
      CREATE UNIQUE INDEX IF NOT EXISTS ledger_lines_id ON ledger_lines (owner_id, id);
      CREATE INDEX IF NOT EXISTS ledger_lines_node ON ledger_lines (owner_id, node_id, at, id);
      CREATE INDEX IF NOT EXISTS ledger_lines_job ON ledger_lines (owner_id, job_id, at, id);
      CREATE INDEX IF NOT EXISTS ledger_lines_owed ON ledger_lines (state, at) WHERE self = 0 AND state IN ('pending', 'final');
      CREATE TABLE IF NOT EXISTS ledger_sums (
        owner_id TEXT NOT NULL, quarter INTEGER NOT NULL, self INTEGER NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, entries INTEGER NOT NULL,
        frames INTEGER NOT NULL, gross INTEGER NOT NULL, fee INTEGER NOT NULL, net INTEGER NOT NULL,
        PRIMARY KEY (owner_id, quarter, self, kind, state)
      ) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS ledger_blocks (
        owner_id TEXT NOT NULL, grouping TEXT NOT NULL, level INTEGER NOT NULL, block INTEGER NOT NULL, key TEXT NOT NULL, self INTEGER NOT NULL,
        state TEXT NOT NULL, kind TEXT NOT NULL, entries INTEGER NOT NULL,
        frames INTEGER NOT NULL, gross INTEGER NOT NULL, fee INTEGER NOT NULL, net INTEGER NOT NULL,
        PRIMARY KEY (owner_id, grouping, level, block, key, self, state, kind)
      ) WITHOUT ROWID;
    `)
  },
  onChange(database, { ownerId, collection, id, document }) {
    if (ownerId === null || collection !== 'earnings') return
    const sql = statementsOf(database, makeStatements)
    const before = sql.line.get(ownerId, id) as LedgerLine | undefined
    if (before) {
      add(sql, ownerId, before, -1)
      sql.removeLine.run(ownerId, id)
    }
    if (document !== null) {
      // Safe: the collection holds nothing else.
      const line = lineOf(document as Earning)
      const { at, nodeId, jobId, kind, self, state, frames, gross, fee, net } = line
      sql.insertLine.run(ownerId, at, id, nodeId, jobId, kind, self, state, frames, gross, fee, net)
      add(sql, ownerId, line, 1)
    }
    if (before) removeEmpty(sql, ownerId, before)
  },
}

interface LedgerLine {
  at: number
  nodeId: string
  jobId: string
  kind: string
  self: 0 | 1
  state: string
  frames: number
  gross: number
  fee: number
  net: number
}

const quarterOf = (at: number): number => Math.floor(at / quarterMs)

function lineOf(earning: Earning): LedgerLine {
  const { createdAt, nodeId, jobId, kind, state, frames, grossMicro, feeMicro, netMicro } = earning
  const self = isSelfRender(earning) ? 1 : 0
  return { at: createdAt, nodeId, jobId, kind, self, state, frames, gross: grossMicro, fee: feeMicro, net: netMicro }
}

const keyOf: Record<BlockGrouping, (line: LedgerLine) => string> = {
  all: () => keyOfAll,
  worker: ({ nodeId }) => nodeId,
  job: ({ jobId }) => jobId,
}
/** What all have in common has a name too: no key comes before the first one. */
const keyOfAll = 'all'

/** Every block an entry stands in. */
function* blocksOf(line: LedgerLine): Generator<readonly [grouping: BlockGrouping, level: number, block: number, key: string]> {
  for (const grouping of blockGroupings)
    for (const level of blockLevels) yield [grouping, level, blockOf(line.at, level), keyOf[grouping](line)]
}

function add(sql: Statements, ownerId: string, line: LedgerLine, sign: 1 | -1): void {
  const { at, self, kind, state, frames, gross, fee, net } = line
  const amounts = [sign, sign * frames, sign * gross, sign * fee, sign * net] as const
  sql.add.run(ownerId, quarterOf(at), self, kind, state, ...amounts)
  for (const block of blocksOf(line)) sql.addToBlock.run(ownerId, ...block, self, state, kind, ...amounts)
}

function removeEmpty(sql: Statements, ownerId: string, { at, self, kind, state, ...rest }: LedgerLine): void {
  sql.removeEmpty.run(ownerId, quarterOf(at), self, kind, state)
  for (const block of blocksOf({ at, self, kind, state, ...rest })) sql.removeEmptyBlock.run(ownerId, ...block, self, state, kind)
}

/** All sums of an owner by UTC day; amounts as decimal strings, because they may not fit into a double. */
export function ledgerSums(database: DatabaseSync, ownerId: string): LedgerSum[] {
  return statementsOf(database, makeStatements).sums.all(ownerId) as unknown as LedgerSum[]
}

type Statements = Record<
  'line' | 'removeLine' | 'insertLine' | 'add' | 'addToBlock' | 'removeEmpty' | 'removeEmptyBlock' | 'sums',
  StatementSync
>

const onto = `ON CONFLICT DO UPDATE SET entries = entries + excluded.entries, frames = frames + excluded.frames,
  gross = gross + excluded.gross, fee = fee + excluded.fee, net = net + excluded.net`

function makeStatements(database: DatabaseSync): Statements {
  return {
    line: database.prepare(`
      SELECT at, node_id AS nodeId, job_id AS jobId, kind, self, state, frames, gross, fee, net FROM ledger_lines WHERE owner_id = ? AND id = ?`),
    removeLine: database.prepare('DELETE FROM ledger_lines WHERE owner_id = ? AND id = ?'),
    insertLine: database.prepare('INSERT INTO ledger_lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    add: database.prepare(`INSERT INTO ledger_sums VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ${onto}`),
    addToBlock: database.prepare(`INSERT INTO ledger_blocks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ${onto}`),
    removeEmpty: database.prepare(
      'DELETE FROM ledger_sums WHERE owner_id = ? AND quarter = ? AND self = ? AND kind = ? AND state = ? AND entries = 0',
    ),
    removeEmptyBlock: database.prepare(`
      DELETE FROM ledger_blocks WHERE owner_id = ? AND grouping = ? AND level = ? AND block = ? AND key = ? AND self = ? AND state = ? AND kind = ?
      AND entries = 0`),
    sums: database.prepare(`
      SELECT CASE self WHEN 1 THEN 'selfRender' ELSE 'network' END AS kind, state, date(block * 86400, 'unixepoch') AS day,
        sum(entries) AS entries, CAST(sum(gross) AS TEXT) AS grossMicro, CAST(sum(fee) AS TEXT) AS feeMicro, CAST(sum(net) AS TEXT) AS netMicro
      FROM ledger_blocks WHERE owner_id = ? AND grouping = 'all' AND level = 0 GROUP BY self, state, block`),
  }
}
