import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { GatewayInput, LedgerGroupSums } from '#shared/api/gatewayCalls.ts'
import type { Earning } from '#shared/collections/earning.schema.ts'
import { addToTotals, compareTotals, noLedgerTotals, type LedgerTotals } from '#shared/rules/ledgerTotals.ts'
import { statementsOf } from '../jobs/statementsOf.ts'
import { quarterMs } from './ledgerProjector.ts'

type Asked = GatewayInput<'earnings.sums'>
type Grouping = Asked['by']

/** Entries that are added up in one turn of the event loop: about a millisecond. */
const entriesPerTurn = 2_000
const mostGroups = 10_000

export interface LedgerGroup extends LedgerTotals {
  key: string
  /** One of its entries, by which its names are found; empty where sums were read. */
  entryId: string
}

/**
 * The totals of the entries that fit, over the whole ledger of an owner. Without node and job they come from the sums by quarter of an hour;
 * else from the lines, a part in each turn, each line once: entries that come or change meanwhile are counted as they were or as they are.
 * @returns at most 10,000 groups, and whether there are more. Throws RangeError for a zone that does not exist.
 */
export async function ledgerGroups(
  database: DatabaseSync,
  ownerId: string,
  { filter, by, zone }: Pick<Asked, 'filter' | 'by' | 'zone'>,
): Promise<{ groups: LedgerGroup[]; more: boolean }> {
  const dayOf = by === 'day' ? dayInZone(zone) : null
  const groups = new Map<string, LedgerGroup>()
  const take = (row: SumRow): void => {
    const key = dayOf === null ? String(row.key) : dayOf(Number(row.key) * quarterMs)
    let group = groups.get(key)
    if (group === undefined) groups.set(key, (group = { key, entryId: row.entryId, ...noLedgerTotals() }))
    const { count, frames, grossMicro, feeMicro, netMicro } = row
    const amounts = { grossMicro: BigInt(grossMicro), feeMicro: BigInt(feeMicro), netMicro: BigInt(netMicro) }
    addToTotals(group, { isSelfRender: row.self === 1, state: row.state, count, frames, ...amounts })
  }
  const sql = statementsOf(database, makeStatements)
  const fromMs = filter.fromMs ?? 0
  const toMs = filter.toMs ?? Number.MAX_SAFE_INTEGER
  const kind = filter.kind ?? null
  const state = filter.state ?? null
  const bySums = (by === 'all' || by === 'day') && filter.nodeId === undefined && filter.jobId === undefined && onQuarter(filter)
  if (bySums) {
    const [from, to] = [Math.ceil(fromMs / quarterMs), Math.ceil(toMs / quarterMs)]
    for (const row of rowsOf(sql.quarters[by], ownerId, from, to, kind, state)) take(row)
  } else {
    const index = filter.nodeId !== undefined ? 'node' : filter.jobId !== undefined ? 'job' : 'at'
    const { bound, sums } = sql.lines[index]
    const fits = [ownerId, filter.nodeId ?? null, filter.jobId ?? null] as const
    // No id comes before the empty one.
    for (let after: Bound = { at: fromMs, id: '' }; ;) {
      const last = bound.get(...fits, after.at, after.id, toMs, entriesPerTurn - 1) as unknown as Bound | undefined
      // Fewer are left than go into one turn.
      const until = last ?? { at: toMs, id: '' }
      for (const row of rowsOf(sums[by], ...fits, after.at, after.id, until.at, until.id, kind, state)) take(row)
      if (last === undefined) break
      after = last
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const inOrder = [...groups.values()].sort(by === 'day' ? (a, b) => (a.key < b.key ? 1 : -1) : compareTotals)
  return { groups: inOrder.slice(0, mostGroups), more: inOrder.length > mostGroups }
}

/** As they travel: amounts are decimal strings of micro-PICTOR. */
export function groupOnWire({ key, count, frames, ...amounts }: LedgerGroup, name: string): LedgerGroupSums {
  const { grossMicro, feeMicro, netMicro, pendingMicro, finalMicro, selfRenderMicro } = amounts
  return {
    ...{ key, name, count, frames },
    ...{ grossMicro: String(grossMicro), feeMicro: String(feeMicro), netMicro: String(netMicro) },
    ...{ pendingMicro: String(pendingMicro), finalMicro: String(finalMicro), selfRenderMicro: String(selfRenderMicro) },
  }
}

interface Bound {
  at: number
  id: string
}
interface SumRow {
  key: string | number
  entryId: string
  self: 0 | 1
  state: Earning['state']
  count: number
  frames: number
  grossMicro: string
  feeMicro: string
  netMicro: string
}
const rowsOf = (statement: StatementSync, ...parameters: (string | number | null)[]): SumRow[] =>
  statement.all(...parameters) as unknown as SumRow[]

const onQuarter = ({ fromMs = 0, toMs = 0 }: Asked['filter']): boolean => fromMs % quarterMs === 0 && toMs % quarterMs === 0

/** `YYYY-MM-DD` of a time in an IANA zone. */
function dayInZone(zone: string): (ms: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })
  return (ms) => format.format(ms)
}

const added = (count: string) => `
  ${count} AS count, sum(frames) AS frames, CAST(sum(gross) AS TEXT) AS grossMicro, CAST(sum(fee) AS TEXT) AS feeMicro, CAST(sum(net) AS TEXT) AS netMicro`

function makeStatements(database: DatabaseSync) {
  const quarters = (key: string) =>
    database.prepare(`
      SELECT ${key} AS key, '' AS entryId, self, state, ${added('sum(entries)')} FROM ledger_sums
      WHERE owner_id = ?1 AND quarter >= ?2 AND quarter < ?3 AND (?4 IS NULL OR kind = ?4) AND (?5 IS NULL OR state = ?5)
      GROUP BY key, self, state`)
  const lines = (column: string) => {
    // The column that is looked up is compared plainly, so that its index is used.
    const of = (name: string, at: string) => (name === column ? `${name} = ${at}` : `(${at} IS NULL OR ${name} = ${at})`)
    const where = `owner_id = ?1 AND ${of('node_id', '?2')} AND ${of('job_id', '?3')} AND (at, id) > (?4, ?5)`
    const sums = (key: string) =>
      database.prepare(`
        SELECT ${key} AS key, max(id) AS entryId, self, state, ${added('count(*)')} FROM ledger_lines
        WHERE ${where} AND (at, id) <= (?6, ?7) AND (?8 IS NULL OR kind = ?8) AND (?9 IS NULL OR state = ?9)
        GROUP BY key, self, state`)
    return {
      bound: database.prepare(`SELECT at, id FROM ledger_lines WHERE ${where} AND at < ?6 ORDER BY at, id LIMIT 1 OFFSET ?7`),
      sums: { all: sums("''"), day: sums(`at / ${quarterMs}`), worker: sums('node_id'), job: sums('job_id') } satisfies Record<
        Grouping,
        StatementSync
      >,
    }
  }
  return {
    quarters: { all: quarters("''"), day: quarters('quarter') },
    lines: { at: lines('at'), node: lines('node_id'), job: lines('job_id') },
  }
}
