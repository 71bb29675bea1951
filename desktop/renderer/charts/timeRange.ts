import { dayStartMs, utcDay } from '../format/days.ts'

export const rangeNames = ['hours', 'week', 'month', 'year', 'custom'] as const
export type RangeName = (typeof rangeNames)[number]

/** What a chart shows of time: one of the usual stretches up to now, or from one UTC day to another, both inside. */
export interface TimeRange {
  name: RangeName
  /** `YYYY-MM-DD`; only read for `custom`. */
  from: string
  to: string
}

/** One place of a chart: from `atMs` up to, not including, `endMs`. */
export interface Bucket {
  atMs: number
  endMs: number
}
export interface Buckets {
  step: 'hour' | 'day' | 'week'
  list: Bucket[]
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** So many places can still be told apart; a longer stretch is drawn in larger steps. */
const mostHours = 72
const mostDays = 93
/** Longer than anybody has kept a ledger here; it bounds what one chart asks for. */
export const mostCustomDays = 3_660

const daysOf: Record<Exclude<RangeName, 'hours' | 'custom'>, number> = { week: 7, month: 30, year: 365 }

/** The first UTC day that is needed to draw a range. */
export function firstDayOf(range: TimeRange, nowMs: number): string {
  if (range.name === 'hours') return utcDay(nowMs, -1)
  if (range.name === 'custom') return customDays(range)?.from ?? utcDay(nowMs)
  return utcDay(nowMs, 1 - daysOf[range.name])
}

/** A custom range in order and within bounds; null while it cannot be read. */
export function customDays({ from, to }: Pick<TimeRange, 'from' | 'to'>): { from: string; to: string; days: number } | null {
  const [start, end] = [dayStartMs(from), dayStartMs(to)]
  if (Number.isNaN(start) || Number.isNaN(end)) return null
  const days = Math.abs(end - start) / dayMs + 1
  if (days > mostCustomDays) return null
  return start <= end ? { from, to, days } : { from: to, to: from, days }
}

/** The places of a chart, oldest first. Days and weeks are whole UTC days, as the ledger counts them; the present one is the last. */
export function bucketsOf(range: TimeRange, nowMs: number): Buckets {
  if (range.name === 'hours') {
    const thisHour = Math.floor(nowMs / hourMs) * hourMs
    return { step: 'hour', list: steps(thisHour - 23 * hourMs, thisHour + hourMs, hourMs) }
  }
  const chosen = range.name === 'custom' ? customDays(range) : null
  if (range.name === 'custom' && chosen === null) return { step: 'day', list: [] }
  const endMs = dayStartMs(chosen?.to ?? utcDay(nowMs)) + dayMs
  const days = chosen?.days ?? daysOf[range.name as keyof typeof daysOf]
  const startMs = endMs - days * dayMs
  if (days * 24 <= mostHours) return { step: 'hour', list: steps(startMs, endMs, hourMs) }
  if (days <= mostDays) return { step: 'day', list: steps(startMs, endMs, dayMs) }
  return { step: 'week', list: weeks(startMs, endMs) }
}

function steps(fromMs: number, toMs: number, stepMs: number): Bucket[] {
  return Array.from({ length: Math.round((toMs - fromMs) / stepMs) }, (_, index) => ({
    atMs: fromMs + index * stepMs,
    endMs: fromMs + (index + 1) * stepMs,
  }))
}

/** Weeks counted back from the end, so that the newest is whole; the first one may be shorter. */
function weeks(fromMs: number, toMs: number): Bucket[] {
  const list: Bucket[] = []
  for (let endMs = toMs; endMs > fromMs; endMs -= 7 * dayMs) list.push({ atMs: Math.max(fromMs, endMs - 7 * dayMs), endMs })
  return list.reverse()
}
