import type { Clock, Logger } from '#shared/log.ts'
import { monthOf } from '#shared/rules/calendarMonth.ts'
import type { LocalDatabase } from '../database/localDatabase.ts'

export type Direction = 'up' | 'down'
export interface MonthBytes {
  month: string
  up: number
  down: number
}

/** Written down at the latest after so many bytes or so long: after a power cut so little is not counted. */
const writeBytes = 1024 * 1024
const writeMs = 5_000

/** Counts what travelled, by calendar month of the node's zone, on the disk. */
export interface MonthlyBytes {
  add(direction: Direction, bytes: number): void
  /** Of the month that it is now. */
  current(): MonthBytes
  stop(): void
}

export interface MonthlyBytesOptions {
  local: Pick<LocalDatabase, 'migrate' | 'sql'>
  clock: Clock
  zone: () => string
  log: Logger
}

export function openMonthlyBytes({ local, clock, zone, log }: MonthlyBytesOptions): MonthlyBytes {
  local.migrate({
    feature: 'transferMonths',
    steps: ['CREATE TABLE transfer_months (month TEXT PRIMARY KEY, up INTEGER NOT NULL, down INTEGER NOT NULL) WITHOUT ROWID'],
  })
  const read = local.sql.prepare('SELECT up, down FROM transfer_months WHERE month = ?')
  const write = local.sql.prepare('INSERT OR REPLACE INTO transfer_months (month, up, down) VALUES (?, ?, ?)')
  const load = (month: string): MonthBytes => {
    const row = read.get(month)
    return { month, up: Number(row?.['up'] ?? 0), down: Number(row?.['down'] ?? 0) }
  }
  let counted = load(monthOf(clock.now(), zone()))
  let unwritten = 0
  let cancel: (() => void) | null = null

  const flush = () => {
    cancel?.()
    cancel = null
    if (unwritten === 0) return
    try {
      write.run(counted.month, counted.up, counted.down)
      unwritten = 0
    } catch (error) {
      // A full disk: counted on in memory, and written with what comes next.
      log.warn('the bytes of this month could not be written down', { reason: String(error) })
    }
  }
  const turn = () => {
    const month = monthOf(clock.now(), zone())
    if (month === counted.month) return
    flush()
    counted = load(month)
    unwritten = 0
  }
  return {
    add(direction, bytes) {
      turn()
      counted[direction] += bytes
      unwritten += bytes
      if (unwritten >= writeBytes) flush()
      else cancel ??= clock.after(writeMs, flush)
    },
    current() {
      turn()
      return { ...counted }
    },
    stop: flush,
  }
}
