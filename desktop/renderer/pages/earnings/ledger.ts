import type { GatewayInput } from '#shared/api/gatewayCalls.ts'
import type { Earning } from '#shared/collections/earning.schema.ts'
import { addToTotals, noLedgerTotals, partOfEntry, type LedgerTotals } from '#shared/rules/ledgerTotals.ts'

export interface LedgerFilter {
  /** `YYYY-MM-DD` in the user's zone; empty = open. */
  from: string
  to: string
  nodeId: string
  jobId: string
  kind: Earning['kind'] | ''
  state: Earning['state'] | ''
}

export const openFilter: LedgerFilter = { from: '', to: '', nodeId: '', jobId: '', kind: '', state: '' }

/** The filter as the peer is asked with it. */
export type AskedLedger = GatewayInput<'earnings.sums'>['filter']

/** Days are those of the user's zone, both ends inside. */
export function askedOf({ from, to, nodeId, jobId, kind, state }: LedgerFilter): AskedLedger {
  return {
    ...(from === '' ? {} : { fromMs: dayBegin(from, 0) }),
    ...(to === '' ? {} : { toMs: dayBegin(to, 1) }),
    ...(nodeId === '' ? {} : { nodeId }),
    ...(jobId === '' ? {} : { jobId }),
    ...(kind === '' ? {} : { kind }),
    ...(state === '' ? {} : { state }),
  }
}

export function fitsAsked(entry: Earning, { fromMs, toMs, nodeId, jobId, kind, state }: AskedLedger): boolean {
  return (
    entry.createdAt >= (fromMs ?? -Infinity) &&
    entry.createdAt < (toMs ?? Infinity) &&
    (nodeId === undefined || entry.nodeId === nodeId) &&
    (jobId === undefined || entry.jobId === jobId) &&
    (kind === undefined || entry.kind === kind) &&
    (state === undefined || entry.state === state)
  )
}

/** The entries that fit. */
export function filterLedger(entries: readonly Earning[], filter: LedgerFilter): Earning[] {
  const asked = askedOf(filter)
  return entries.filter((entry) => fitsAsked(entry, asked))
}

/** Where a day begins in the user's zone; days are not always 24 hours long. */
function dayBegin(day: string, later: number): number {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  return new Date(year, month - 1, date + later).getTime()
}

/** The frame a correction is about, from the id the server gave it; null for other entries. */
export function lateFrame(entry: Earning): number | null {
  const match = entry.kind === 'correction' ? /:correction-(\d+)$/.exec(entry.id) : null
  return match ? Number(match[1]) : null
}

/** Sums of the entries that are here. */
export function sumLedger(entries: readonly Earning[]): LedgerTotals {
  const totals = noLedgerTotals()
  for (const entry of entries) addToTotals(totals, partOfEntry(entry))
  return totals
}
