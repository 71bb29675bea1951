import { countStatuses, type FleetRow, type StatusCounts } from './fleet.ts'
import type { FleetFacts } from './fleetView.ts'

/** The workers that have a tag. A worker with several tags stands in each of their groups, so groups may add up to more than the fleet. */
export interface FleetGroup {
  /** The tag in lower case: however it is written, it is one group. Empty: the workers without a tag. */
  key: string
  /** The tag as it was written first; null: no tag. */
  tag: string | null
  rows: FleetRow[]
  counts: StatusCounts
  todayMicro: bigint
  totalMicro: bigint
  /** null: not known yet. */
  allMicro: bigint | null
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/** One group a tag, in the order of people's counting, each with its rows in the order given; those without a tag come last. */
export function groupByTag(rows: readonly FleetRow[], facts: Pick<FleetFacts, 'today' | 'total' | 'all'>): FleetGroup[] {
  const groups = new Map<string, { tag: string | null; rows: FleetRow[] }>()
  for (const row of rows)
    for (const tag of row.worker.tags.length > 0 ? row.worker.tags : [null]) {
      const key = tag?.toLowerCase() ?? ''
      const group = groups.get(key)
      if (group) group.rows.push(row)
      else groups.set(key, { tag, rows: [row] })
    }
  const sum = (of: (id: string) => bigint, within: readonly FleetRow[]): bigint => within.reduce((total, { id }) => total + of(id), 0n)
  const isKnown = rows.every(({ id }) => facts.all(id) !== null)
  return [...groups]
    .map(([key, { tag, rows: within }]) => ({
      ...{ key, tag, rows: within, counts: countStatuses(within) },
      ...{ todayMicro: sum(facts.today, within), totalMicro: sum(facts.total, within) },
      allMicro: isKnown ? sum((id) => facts.all(id) ?? 0n, within) : null,
    }))
    .sort((a, b) => Number(a.tag === null) - Number(b.tag === null) || collator.compare(a.key, b.key))
}
