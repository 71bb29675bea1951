import type { Earning } from '#shared/collections/earning.schema.ts'
import { formatMicro } from '#shared/money.ts'
import type { LedgerTotals } from '#shared/rules/ledgerTotals.ts'
import type { AskedLedger } from './ledger.ts'

const columns = [
  'time',
  'time_local',
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
type Cells = Record<(typeof columns)[number], string>

/** One entry for a tax adviser: exact amounts with a point, times in UTC and in the zone of this computer, each with its zone. */
function cellsOf(entry: Earning, nameOf: (nodeId: string) => string): Cells {
  return {
    time: new Date(entry.createdAt).toISOString(),
    time_local: localTime(entry.createdAt),
    entry: entry.id,
    kind: entry.kind,
    state: entry.state,
    state_changed: new Date(entry.stateChangedAt).toISOString(),
    job: entry.jobName,
    job_id: entry.jobId,
    task_id: entry.taskId,
    worker: nameOf(entry.nodeId),
    worker_id: entry.nodeId,
    frames: String(entry.frames),
    gross_pictor: formatMicro(BigInt(entry.grossMicro), 6),
    fee_pictor: formatMicro(BigInt(entry.feeMicro), 6),
    net_pictor: formatMicro(BigInt(entry.netMicro), 6),
    reason: entry.reason ?? '',
  }
}

/** A file that is written page by page, so that a ledger of any length needs the memory of a page. */
export interface LedgerFile {
  type: string
  head: string
  page(entries: readonly Earning[]): string
  /** After the last page. `covers`: what the file holds, and whether that is all that fits. */
  tail(covers: LedgerCover): string
}
export interface LedgerCover {
  entries: number
  complete: boolean
  totals: LedgerTotals
}

export function csvFile(nameOf: (nodeId: string) => string): LedgerFile {
  const line = (entry: Earning): string => {
    const cells = cellsOf(entry, nameOf)
    return `${columns.map((column) => csvCell(cells[column])).join(',')}\r\n`
  }
  return {
    type: 'text/csv;charset=utf-8',
    head: `${columns.join(',')}\r\n`,
    page: (entries) => entries.map(line).join(''),
    tail: () => '',
  }
}

/** The same as JSON: amounts are texts, because not every reader of JSON keeps the digits of a number. */
export function jsonFile(nameOf: (nodeId: string) => string, filter: AskedLedger, nowMs: number): LedgerFile {
  const facts = {
    format: 'pictor-ledger',
    formatVersion: 1,
    exportedAt: new Date(nowMs).toISOString(),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    currency: 'PICTOR',
    filter: filterOnPaper(filter),
  }
  let isFirst = true
  const item = (entry: Earning): string => {
    const comma = isFirst ? '\n' : ',\n'
    isFirst = false
    return comma + JSON.stringify({ ...cellsOf(entry, nameOf), frames: entry.frames })
  }
  return {
    type: 'application/json',
    head: `${JSON.stringify(facts, null, 2).replace(/\n\}$/, '')},\n  "entries": [`,
    page: (entries) => entries.map(item).join(''),
    tail: ({ entries, complete, totals }) => {
      const amount = (micro: bigint): string => formatMicro(micro, 6)
      const sums = {
        ...{ gross_pictor: amount(totals.grossMicro), fee_pictor: amount(totals.feeMicro), net_pictor: amount(totals.netMicro) },
        ...{ pending_pictor: amount(totals.pendingMicro), own_jobs_pictor: amount(totals.selfRenderMicro) },
      }
      return `\n  ],\n  "entryCount": ${entries},\n  "complete": ${complete},\n  "totals": ${JSON.stringify(sums)}\n}\n`
    },
  }
}

const filterOnPaper = ({ fromMs, toMs, ...rest }: AskedLedger) => ({
  ...(fromMs === undefined ? {} : { from: new Date(fromMs).toISOString() }),
  ...(toMs === undefined ? {} : { before: new Date(toMs).toISOString() }),
  ...rest,
})

/** `2026-03-10T13:00:00+01:00`: the clock of this computer, with how far it is from UTC at that time. */
export function localTime(ms: number): string {
  const time = new Date(ms)
  const offset = -time.getTimezoneOffset()
  const two = (value: number): string => String(Math.trunc(Math.abs(value))).padStart(2, '0')
  const shifted = new Date(ms + offset * 60_000).toISOString().slice(0, 19)
  return `${shifted}${offset < 0 ? '-' : '+'}${two(offset / 60)}:${two(offset % 60)}`
}

/**
 * Quotes what needs it. A text that a spreadsheet would run as a formula, also after blanks or in full-width characters, gets an
 * apostrophe; a negative amount is a number and stays one.
 */
export function csvCell(value: string): string {
  const safe = /^\s*[=+@＝＋＠－]|^[\t\r\n]|^\s*-(?!\d+(\.\d+)?$)/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
