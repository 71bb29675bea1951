import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { GatewayInput, LedgerGroupSums } from '#shared/api/gatewayCalls.ts'
import type { Earning } from '#shared/collections/earning.schema.ts'
import { addToTotals, compareTotals, noLedgerTotals, type LedgerTotals } from '#shared/rules/ledgerTotals.ts'
import { statementsOf } from '../jobs/statementsOf.ts'
import { nextTurn } from '../projection/nextTurn.ts'
import { coverDays, dayMs, openedSpan, wholeUnits, type BlockGrouping, type Span } from './ledgerBlocks.ts'
import { quarterMs } from './ledgerProjector.ts'

type Asked = GatewayInput<'earnings.sums'>
type Grouping = Asked['by']

/** Rows that are added up in one turn of the event loop: some 20 ms. Fewer at a time cost more in all, because less is added up before it is handed over. */
const defaultRowsPerTurn = 8_000
const quartersPerTurn = 2_000
const mostGroups = 10_000

export interface LedgerGroup extends LedgerTotals {
  key: string
}

/**
 * The totals of the entries that fit, over the whole ledger of an owner: from the sums by blocks of days as far as they go, the days of a zone from
 * those by quarter of an hour, and only what is left of that, or is asked of one worker or job, from the lines. A part in each turn, each entry in
 * one part: those that come or change meanwhile are counted as they were or as they are.
 * @returns at most 10,000 groups, and whether there are more. Throws RangeError for a zone that does not exist.
 */
export async function ledgerGroups(
  database: DatabaseSync,
  ownerId: string,
  { filter, by, zone }: Pick<Asked, 'filter' | 'by' | 'zone'>,
  rowsPerTurn = defaultRowsPerTurn,
): Promise<{ groups: LedgerGroup[]; more: boolean }> {
  const dayOf = by === 'day' ? dayInZone(zone) : null
  const groups = new Map<string, LedgerGroup>()
  const take = (row: SumRow): void => {
    const key = dayOf === null ? String(row.key) : dayOf(Number(row.key))
    let group = groups.get(key)
    if (group === undefined) groups.set(key, (group = { key, ...noLedgerTotals() }))
    const { state, grossMicro, feeMicro, netMicro } = row
    const [count, frames] = [Number(row.count), Number(row.frames)]
    addToTotals(group, { isSelfRender: row.self === 1n, state, count, frames, grossMicro, feeMicro, netMicro })
  }
  const sql = statementsOf(database, makeStatements)
  const fits = [filter.kind ?? null, filter.state ?? null] as const

  /** Rows of a walk are in order by two columns; each turn takes those up to a bound. No id and no key comes before the empty one. */
  async function walk({ bound, sums }: Walk, of: readonly (string | number | null)[], from: number, to: number): Promise<void> {
    for (let after: Bound = { place: from, id: '' }; ;) {
      const last = bound.get(...of, after.place, after.id, to, rowsPerTurn - 1) as unknown as Bound | undefined
      // Fewer are left than go into one turn.
      const until = last ?? { place: to, id: '' }
      for (const row of rowsOf(sums, ...of, after.place, after.id, until.place, until.id, ...fits)) take(row)
      await nextTurn()
      if (last === undefined) return
      after = last
    }
  }
  const lines = async (index: keyof Statements['lines'], { fromMs, toMs }: Span): Promise<void> => {
    const { bound, sums } = sql.lines[index]
    await walk({ bound, sums: sums[by] }, [ownerId, filter.nodeId ?? null, filter.jobId ?? null], fromMs, toMs)
  }
  async function quarters(grouping: 'all' | 'day', span: Span): Promise<void> {
    const { whole, rest } = wholeUnits(span, quarterMs)
    const end = whole === null ? 0 : whole.toMs / quarterMs
    for (let from = whole === null ? 0 : whole.fromMs / quarterMs; from < end; from += quartersPerTurn) {
      for (const row of rowsOf(sql.quarters[grouping], ownerId, from, Math.min(end, from + quartersPerTurn), ...fits)) take(row)
      await nextTurn()
    }
    for (const part of rest) await lines('at', part)
  }

  const ends = sql.ends.get(ownerId) as unknown as { oldest: number | null; newest: number | null }
  if (ends.oldest === null || ends.newest === null) return { groups: [], more: false }
  const asked = { fromMs: filter.fromMs ?? 0, toMs: filter.toMs ?? Number.MAX_SAFE_INTEGER }
  // What comes meanwhile is newer than the newest that there was.
  const held = { fromMs: Math.max(asked.fromMs, startOf(ends.oldest)), toMs: Math.min(asked.toMs, startOf(ends.newest) + quarterMs) }
  if (filter.nodeId !== undefined) await lines('node', held)
  else if (filter.jobId !== undefined) await lines('job', held)
  else if (by === 'day') await quarters(by, held)
  else {
    const { whole, rest } = wholeUnits(openedSpan(asked, ends.oldest, ends.newest), dayMs)
    for (const { level, from, to } of whole === null ? [] : coverDays(whole)) await walk(sql.blocks[by], [ownerId, by, level], from, to)
    for (const part of rest) await (by === 'all' ? quarters(by, part) : lines('at', part))
  }
  const inOrder = [...groups.values()].sort(by === 'day' ? (a, b) => (a.key < b.key ? 1 : -1) : compareTotals)
  return { groups: inOrder.slice(0, mostGroups), more: inOrder.length > mostGroups }
}

/** The newest entry of each job, by which its name is found. In one turn: ask for some hundreds at a time. */
export function newestEntries(database: DatabaseSync, ownerId: string, jobIds: readonly string[]): { jobId: string; entryId: string }[] {
  const rows = statementsOf(database, makeStatements).newestOfJobs.all(ownerId, JSON.stringify(jobIds))
  return rows as unknown as { jobId: string; entryId: string }[]
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
  place: number
  id: string
}
/** @see walk */
interface Walk {
  bound: StatementSync
  sums: StatementSync
}
interface SumRow {
  /** Of days: when they begin at the latest, within a quarter of an hour. */
  key: string | bigint
  self: bigint
  state: Earning['state']
  count: bigint
  frames: bigint
  grossMicro: bigint
  feeMicro: bigint
  netMicro: bigint
}
/** Sums may be beyond what a double holds. */
function rowsOf(statement: StatementSync, ...parameters: (string | number | null)[]): SumRow[] {
  statement.setReadBigInts(true)
  return statement.all(...parameters) as unknown as SumRow[]
}
const startOf = (ms: number): number => Math.floor(ms / quarterMs) * quarterMs

/** `YYYY-MM-DD` of a time in an IANA zone. */
function dayInZone(zone: string): (ms: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })
  // Several rows of one time follow each other.
  let last = { ms: Number.NaN, day: '' }
  return (ms) => (last.ms === ms ? last : (last = { ms, day: format.format(ms) })).day
}

const added = (count: string) => `
  ${count} AS count, sum(frames) AS frames, sum(gross) AS grossMicro, sum(fee) AS feeMicro, sum(net) AS netMicro`

type Statements = ReturnType<typeof makeStatements>
function makeStatements(database: DatabaseSync) {
  const kindAndState = (at: number) => `(?${at} IS NULL OR kind = ?${at}) AND (?${at + 1} IS NULL OR state = ?${at + 1})`
  const quarters = (key: string) =>
    database.prepare(`
      SELECT ${key} AS key, self, state, ${added('sum(entries)')} FROM ledger_sums
      WHERE owner_id = ?1 AND quarter >= ?2 AND quarter < ?3 AND ${kindAndState(4)} GROUP BY key, self, state`)
  const blocks = (key: string): Walk => {
    const where = 'owner_id = ?1 AND grouping = ?2 AND level = ?3 AND (block, key) > (?4, ?5)'
    return {
      bound: database.prepare(`
        SELECT block AS place, key AS id FROM ledger_blocks WHERE ${where} AND block < ?6 ORDER BY block, key LIMIT 1 OFFSET ?7`),
      // One key has several rows: the bound's are taken whole.
      sums: database.prepare(`
        SELECT ${key} AS key, self, state, ${added('sum(entries)')} FROM ledger_blocks
        WHERE ${where} AND (block, key) <= (?6, ?7) AND ${kindAndState(8)} GROUP BY 1, self, state`),
    }
  }
  const lines = (column: string) => {
    // The column that is looked up is compared plainly, so that its index can be used; and it is said, or SQLite reads the whole ledger in order.
    const from = `ledger_lines ${column === 'at' ? '' : `INDEXED BY ledger_lines_${column.replace('_id', '')}`}`
    const of = (name: string, at: string) => (name === column ? `${name} = ${at}` : `(${at} IS NULL OR ${name} = ${at})`)
    const where = `owner_id = ?1 AND ${of('node_id', '?2')} AND ${of('job_id', '?3')} AND (at, id) > (?4, ?5)`
    const sums = (key: string) =>
      database.prepare(`
        SELECT ${key} AS key, self, state, ${added('count(*)')} FROM ${from}
        WHERE ${where} AND (at, id) <= (?6, ?7) AND ${kindAndState(8)} GROUP BY 1, self, state`)
    return {
      bound: database.prepare(`SELECT at AS place, id FROM ${from} WHERE ${where} AND at < ?6 ORDER BY at, id LIMIT 1 OFFSET ?7`),
      sums: { all: sums("''"), day: sums(quarterOfLine), worker: sums('node_id'), job: sums('job_id') } satisfies Record<
        Grouping,
        StatementSync
      >,
    }
  }
  return {
    quarters: { all: quarters("''"), day: quarters(`quarter * ${quarterMs}`) },
    blocks: { all: blocks("''"), worker: blocks('key'), job: blocks('key') } satisfies Record<BlockGrouping, Walk>,
    lines: { at: lines('at'), node: lines('node_id'), job: lines('job_id') },
    ends: database.prepare(`
      SELECT (SELECT at FROM ledger_lines WHERE owner_id = ?1 ORDER BY at LIMIT 1) AS oldest,
        (SELECT at FROM ledger_lines WHERE owner_id = ?1 ORDER BY at DESC LIMIT 1) AS newest`),
    newestOfJobs: database.prepare(`
      SELECT value AS jobId, (
        SELECT id FROM ledger_lines INDEXED BY ledger_lines_job WHERE owner_id = ?1 AND job_id = value ORDER BY at DESC, id DESC LIMIT 1
      ) AS entryId FROM json_each(?2)`),
  }
}
const quarterOfLine = `at / ${quarterMs} * ${quarterMs}`
