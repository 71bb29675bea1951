import type { LedgerGroupSums } from '#shared/api/gatewayCalls.ts'
import type { Earning } from '#shared/collections/earning.schema.ts'
import { compareTotals, type LedgerTotals } from '#shared/rules/ledgerTotals.ts'
import { sumLedger } from './ledger.ts'
import { localTime } from './ledgerFiles.ts'

export const ledgerGroupings = ['entries', 'day', 'worker', 'job'] as const
export type LedgerGrouping = (typeof ledgerGroupings)[number]

export interface LedgerGroup {
  /** The day in the user's zone, as the filter takes it; the worker's or the job's id. */
  key: string
  /** The newest name the group's entries carry; a day has none. */
  name: string
  totals: LedgerTotals
}

/** Entries by day of the user's zone (newest first), by worker or by job (most net first). Every entry is in exactly one group. */
export function groupLedger(
  entries: readonly Earning[],
  by: Exclude<LedgerGrouping, 'entries'>,
  nameOf: (nodeId: string) => string,
): LedgerGroup[] {
  const groups = new Map<string, Earning[]>()
  for (const entry of entries) {
    const key = by === 'day' ? localDay(entry.createdAt) : by === 'worker' ? entry.nodeId : entry.jobId
    const group = groups.get(key)
    if (group) group.push(entry)
    else groups.set(key, [entry])
  }
  const rows = [...groups].map(([key, members]): LedgerGroup => ({
    key,
    name: by === 'worker' ? nameOf(key) : by === 'job' ? (members[0]?.jobName ?? key) : '',
    totals: sumLedger(members),
  }))
  if (by === 'day') return rows.sort((a, b) => (a.key < b.key ? 1 : -1))
  return rows.sort((a, b) => compareTotals(a.totals, b.totals))
}

/** Lines of totals as the peer gave them, over entries that are not here too. */
export function groupsOfSums(
  sums: readonly LedgerGroupSums[],
  by: Exclude<LedgerGrouping, 'entries'>,
  nameOf: (nodeId: string) => string,
): LedgerGroup[] {
  return sums.map((sum) => ({ key: sum.key, name: by === 'worker' ? nameOf(sum.key) : sum.name, totals: totalsOfSum(sum) }))
}

export function totalsOfSum({ count, frames, ...amounts }: LedgerGroupSums): LedgerTotals {
  const { grossMicro, feeMicro, netMicro, pendingMicro, finalMicro, selfRenderMicro } = amounts
  return {
    ...{ count, frames, grossMicro: BigInt(grossMicro), feeMicro: BigInt(feeMicro), netMicro: BigInt(netMicro) },
    ...{ pendingMicro: BigInt(pendingMicro), finalMicro: BigInt(finalMicro), selfRenderMicro: BigInt(selfRenderMicro) },
  }
}

const localDay = (ms: number): string => localTime(ms).slice(0, 10)
