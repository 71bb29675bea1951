import type { Earning } from '#shared/collections/earning.schema.ts'
import { formatMicro } from '#shared/money.ts'

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
    if (entry.kind === 'selfRender') {
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

const columns = [
  'time',
  'entry',
  'kind',
  'state',
  'state_changed',
  'job',
  'job_id',
  'task_id',
  'worker',
  'worker_id',
  'frames',
  'gross_pictor',
  'fee_pictor',
  'net_pictor',
  'reason',
] as const

/** The ledger for a tax adviser: exact amounts with a point, times in UTC with their zone. */
export function ledgerCsv(entries: readonly Earning[], nameOf: (nodeId: string) => string): string {
  const lines = entries.map((entry) =>
    [
      new Date(entry.createdAt).toISOString(),
      entry.id,
      entry.kind,
      entry.state,
      new Date(entry.stateChangedAt).toISOString(),
      entry.jobName,
      entry.jobId,
      entry.taskId,
      nameOf(entry.nodeId),
      entry.nodeId,
      String(entry.frames),
      formatMicro(BigInt(entry.grossMicro), 6),
      formatMicro(BigInt(entry.feeMicro), 6),
      formatMicro(BigInt(entry.netMicro), 6),
      entry.reason ?? '',
    ]
      .map(csvCell)
      .join(','),
  )
  return [columns.join(','), ...lines, ''].join('\r\n')
}

/** Quotes what needs it. A text that a spreadsheet would run as a formula gets an apostrophe; a negative amount is a number and stays one. */
export function csvCell(value: string): string {
  const safe = /^[=+@\t\r]|^-(?!\d+(\.\d+)?$)/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
