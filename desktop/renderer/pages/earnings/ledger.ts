import type { Earning } from '#shared/collections/earning.schema.ts'

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

/** The entries that fit; days are those of the user's zone, both ends inside. */
export function filterLedger(entries: readonly Earning[], filter: LedgerFilter): Earning[] {
  const fromMs = filter.from === '' ? -Infinity : dayBegin(filter.from, 0)
  const toMs = filter.to === '' ? Infinity : dayBegin(filter.to, 1)
  return entries.filter(
    (entry) =>
      entry.createdAt >= fromMs &&
      entry.createdAt < toMs &&
      (filter.nodeId === '' || entry.nodeId === filter.nodeId) &&
      (filter.jobId === '' || entry.jobId === filter.jobId) &&
      (filter.kind === '' || entry.kind === filter.kind) &&
      (filter.state === '' || entry.state === filter.state),
  )
}

/** Where a day begins in the user's zone; days are not always 24 hours long. */
function dayBegin(day: string, later: number): number {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  return new Date(year, month - 1, date + later).getTime()
}

/** Whether an entry is about one's own job. A correction says which of the two worlds it belongs to. */
export const isSelfRender = (entry: Earning): boolean =>
  entry.kind === 'selfRender' || (entry.kind === 'correction' && entry['ledgerKind'] === 'selfRender')

/** The frame a correction is about, from the id the server gave it; null for other entries. */
export function lateFrame(entry: Earning): number | null {
  const match = entry.kind === 'correction' ? /:correction-(\d+)$/.exec(entry.id) : null
  return match ? Number(match[1]) : null
}

export interface LedgerTotals {
  count: number
  grossMicro: bigint
  feeMicro: bigint
  netMicro: bigint
  /** Net by what will become of it; own jobs are never in any of them. */
  pendingMicro: bigint
  finalMicro: bigint
  selfRenderMicro: bigint
}

/** Sums in bigint. Gross, fee and net count the network's entries; what was rendered for oneself stands apart. A reversed entry counts nothing. */
export function sumLedger(entries: readonly Earning[]): LedgerTotals {
  const totals: LedgerTotals = {
    count: entries.length,
    grossMicro: 0n,
    feeMicro: 0n,
    netMicro: 0n,
    pendingMicro: 0n,
    finalMicro: 0n,
    selfRenderMicro: 0n,
  }
  for (const entry of entries) {
    if (entry.state === 'reversed') continue
    const net = BigInt(entry.netMicro)
    if (isSelfRender(entry)) {
      totals.selfRenderMicro += net
      continue
    }
    totals.grossMicro += BigInt(entry.grossMicro)
    totals.feeMicro += BigInt(entry.feeMicro)
    totals.netMicro += net
    if (entry.state === 'pending') totals.pendingMicro += net
    else totals.finalMicro += net
  }
  return totals
}
