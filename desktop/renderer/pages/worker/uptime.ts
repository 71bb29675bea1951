import type { TimelineRow } from '../computer/timeline.ts'

export interface UptimeDay {
  /** Where the day begins in the user's zone. */
  atMs: number
  /** 0..1 of what is known of the day; null: nothing is known of it. */
  share: number | null
}

const up = new Set(['online', 'processing'])

/**
 * How much of each day a worker was up, oldest first, from its own notes of status changes. Time before the first note is not known and is
 * counted neither way.
 */
export function uptimeDays(rows: readonly TimelineRow[], nowMs: number, days: number): UptimeDay[] {
  const intervals = rows.map((row) => ({ from: row.at, to: row.lastedMs === null ? nowMs : row.at + row.lastedMs, up: up.has(row.status) }))
  const begin = new Date(nowMs)
  begin.setHours(0, 0, 0, 0)
  return Array.from({ length: days }, (_, index) => {
    const start = new Date(begin)
    start.setDate(begin.getDate() - days + 1 + index)
    const end = new Date(start)
    // Days are not always 24 hours long.
    end.setDate(start.getDate() + 1)
    let known = 0
    let upMs = 0
    for (const { from, to, up: isUp } of intervals) {
      const overlap = Math.min(to, end.getTime(), nowMs) - Math.max(from, start.getTime())
      if (overlap <= 0) continue
      known += overlap
      if (isUp) upMs += overlap
    }
    return { atMs: start.getTime(), share: known === 0 ? null : upMs / known }
  })
}
