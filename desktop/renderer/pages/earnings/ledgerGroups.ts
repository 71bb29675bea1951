import type { Earning } from '#shared/collections/earning.schema.ts'
import { sumLedger, type LedgerTotals } from './ledger.ts'
import { localTime } from './ledgerFiles.ts'

export const ledgerGroupings = ['entries', 'day', 'worker', 'job'] as const
export type LedgerGrouping = (typeof ledgerGroupings)[number]

export interface LedgerGroup {
  /** The day in the user's zone, as the filter takes it; the worker's or the job's id. */
  key: string
  /** The newest name the group's entries carry; a day has none. */
  name: string
  totals: LedgerTotals
  frames: number
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
    frames: members.reduce((sum, entry) => sum + (entry.state === 'reversed' ? 0 : entry.frames), 0),
  }))
  if (by === 'day') return rows.sort((a, b) => (a.key < b.key ? 1 : -1))
  return rows.sort((a, b) => compare(b.totals.netMicro, a.totals.netMicro) || compare(b.totals.selfRenderMicro, a.totals.selfRenderMicro))
}

const localDay = (ms: number): string => localTime(ms).slice(0, 10)
const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)
