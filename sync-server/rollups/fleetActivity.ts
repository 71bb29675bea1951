import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { GatewayInput } from '#shared/api/gatewayCalls.ts'
import { statementsOf } from '../jobs/statementsOf.ts'
import { nextTurn } from '../projection/nextTurn.ts'

type Asked = GatewayInput<'fleet.activity'>

export interface ActivityGroup {
  key: string
  /** For each stretch; may be beyond what a double holds. */
  values: bigint[]
  total: bigint
}
export interface FleetActivity {
  knownFromMs: number | null
  groups: ActivityGroup[]
  others: bigint[] | null
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const mostDaysOfHours = 8
/** Days or hours of nodes that are read in one turn of the event loop: some 10 ms. */
const rowsPerTurn = 9_000
/** To find where a node's rows begin costs as much as some of them. */
const seekRows = 5
/** Of a day of a busy node; at most 24. */
const usualHours = 8

/** Whether the bounds are in order, and whole days, or whole hours of few days. */
export function areBounds(bounds: readonly number[]): boolean {
  const isInOrder = bounds.every((bound, index) => bound > (bounds[index - 1] ?? -1))
  if (!isInOrder || bounds.some((bound) => bound % hourMs !== 0)) return false
  return areDays(bounds) || (bounds.at(-1) ?? 0) - (bounds[0] ?? 0) <= mostDaysOfHours * dayMs
}
const areDays = (bounds: readonly number[]): boolean => bounds.every((bound) => bound % dayMs === 0)

/**
 * What workers did in each stretch between two bounds (see `areBounds`), from the day totals of nodes, and for hours from what those are made of. A
 * part of the nodes in each turn of the event loop.
 * @param tagsOf null: each worker is a group of its own
 */
export async function fleetActivity(
  database: DatabaseSync,
  ownerId: string,
  { measure, bounds, most }: Pick<Asked, 'measure' | 'bounds' | 'most'>,
  tagsOf: ((nodeId: string) => readonly string[]) | null,
): Promise<FleetActivity> {
  const sql = statementsOf(database, makeStatements)
  const isOfDays = areDays(bounds)
  const read = sql[isOfDays ? 'days' : 'hours'][measure]
  const span = [bounds[0] ?? 0, bounds.at(-1) ?? 0] as const
  const nodeIds = (sql.nodes.all(ownerId) as unknown as { id: string }[]).map(({ id }) => id)
  const rowsOfNode = ((span[1] - span[0]) / dayMs + 1) * (isOfDays ? 1 : usualHours)
  const parts = partsOf(nodeIds, Math.max(10, Math.floor(rowsPerTurn / (rowsOfNode + seekRows))))

  const groups = new Map<string, bigint[]>()
  const addTo = ({ stretches }: Source, pairs: readonly Pair[]): void => {
    for (const { key, at, value } of rowsOf(stretches, ownerId, JSON.stringify(pairs), ...daysOf(span))) {
      const values = groups.get(key) ?? new Array<bigint>(bounds.length - 1).fill(0n)
      groups.set(key, values)
      const place = placeIn(bounds, Number(at))
      if (place !== null) values[place] = (values[place] ?? 0n) + value
    }
  }
  let others: bigint[] | null = null
  if (tagsOf === null) {
    const totals: Sum[] = []
    for (const some of parts) {
      const pairs = some.map((id): Pair => [id, id])
      for (const { key, value } of rowsOf(read.totals, ownerId, JSON.stringify(pairs), ...daysOf(span), ...span))
        totals.push({ key, total: value })
      await nextTurn()
    }
    const kept = totals.sort(byTotal).slice(0, totals.length > most ? most - 1 : most)
    // The few that are shown and the whole come from one source, so that they add up at every moment.
    for (const id of [...kept.map(({ key }) => key), ...(totals.length > most ? [ownerId] : [])]) {
      addTo(sql.hours[measure], [[id, id]])
      await nextTurn()
    }
    const whole = groups.get(ownerId)
    groups.delete(ownerId)
    if (whole !== undefined)
      others = whole.map((sum, place) => [...groups.values()].reduce((left, values) => left - (values[place] ?? 0n), sum))
  } else
    for (const some of parts) {
      const pairs = some.flatMap((id) => tagsOf(id).map((tag): Pair => [id, tag]))
      addTo(read, pairs)
      await nextTurn()
    }
  const inOrder = [...groups].map(([key, values]) => ({ key, values, total: values.reduce((sum, value) => sum + value, 0n) })).sort(byTotal)
  const first = sql.firstDay.get(ownerId)?.['day']
  return { knownFromMs: typeof first === 'string' ? Date.parse(first) : null, groups: inOrder.slice(0, most), others }
}

/** A node, and the group it counts in. */
type Pair = readonly [nodeId: string, group: string]
interface Source {
  stretches: StatementSync
  totals: StatementSync
}
interface Row {
  key: string
  /** When the day or hour begins; null in totals. */
  at: bigint | null
  value: bigint
}
function rowsOf(statement: StatementSync, ...parameters: (string | number)[]): Row[] {
  statement.setReadBigInts(true)
  return statement.all(...parameters) as unknown as Row[]
}

interface Sum {
  key: string
  total: bigint
}
const byTotal = (a: Sum, b: Sum): number => (a.total === b.total ? (a.key < b.key ? -1 : 1) : a.total > b.total ? -1 : 1)
/** The first and the last UTC day of a span. */
const daysOf = ([fromMs, toMs]: readonly [number, number]): [string, string] => [dayOf(fromMs), dayOf(toMs - 1)]
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

/** Which stretch a time is in; null: none. */
function placeIn(bounds: readonly number[], atMs: number): number | null {
  let [low, high] = [0, bounds.length - 1]
  if (atMs < (bounds[low] ?? Infinity) || atMs >= (bounds[high] ?? 0)) return null
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (atMs < (bounds[middle] ?? 0)) high = middle
    else low = middle
  }
  return low
}

function* partsOf<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size)
}

function makeStatements(database: DatabaseSync) {
  // The pairs are gone through, and each looks up the days of its node.
  const statements = (table: string, nodeId: string, at: string, column: string): Source => {
    const from = `
      FROM json_each(?2) AS pair CROSS JOIN ${table} AS of
      WHERE of.owner_id = ?1 AND of.${nodeId} = pair.value ->> 0 AND of.day >= ?3 AND of.day <= ?4`
    return {
      stretches: database.prepare(`SELECT pair.value ->> 1 AS key, ${at} AS at, sum(of.${column}) AS value ${from} GROUP BY 1, 2`),
      totals: database.prepare(`
        SELECT pair.value ->> 1 AS key, NULL AS at, sum(of.${column}) AS value ${from} AND ${at} >= ?5 AND ${at} < ?6 GROUP BY 1`),
    }
  }
  const days = (column: string) => statements('node_days', 'node_id', 'unixepoch(of.day) * 1000', column)
  const hours = (column: string) => statements('rollup_totals', 'who', '(unixepoch(of.day) + of.hour * 3600) * 1000', column)
  return {
    days: { earnings: days('net'), frames: days('frames'), tasks: days('completed') },
    hours: { earnings: hours('networkNetMicro'), frames: hours('framesAccepted'), tasks: hours('tasksCompleted') },
    // From node to node: a farm's days are many more.
    nodes: database.prepare(`
      WITH RECURSIVE nodes (id) AS (
        SELECT min(node_id) FROM node_days WHERE owner_id = ?1
        UNION ALL
        SELECT (SELECT min(node_id) FROM node_days WHERE owner_id = ?1 AND node_id > nodes.id) FROM nodes WHERE nodes.id IS NOT NULL
      ) SELECT id FROM nodes WHERE id IS NOT NULL`),
    firstDay: database.prepare('SELECT min(day) AS day FROM rollup_totals WHERE who = ?'),
  }
}
