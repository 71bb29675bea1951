import { describe, expect, it } from 'vitest'
import type { TimelineRow } from '../computer/timeline.ts'
import { uptimeDays } from './uptime.ts'

const noon = new Date(2026, 5, 10, 12).getTime()
const hour = 3_600_000
const row = (at: number, status: TimelineRow['status'], lastedMs: number | null): TimelineRow => ({
  at,
  status,
  code: 'X',
  details: {},
  lastedMs,
})

describe('uptimeDays', () => {
  it('counts what is known of a day and leaves the rest a gap', () => {
    const days = uptimeDays([row(noon - 6 * hour, 'online', 3 * hour), row(noon - 3 * hour, 'offline', null)], noon, 3)
    expect(days.map(({ share }) => share)).toEqual([null, null, 0.5])
  })
  it('cuts what lasted over midnight', () => {
    const days = uptimeDays([row(noon - 24 * hour, 'processing', 12 * hour), row(noon - 12 * hour, 'blocked', null)], noon, 2)
    expect(days.map(({ share }) => share)).toEqual([1, 0])
  })
  it('knows nothing without notes', () => {
    expect(uptimeDays([], noon, 30).every(({ share }) => share === null)).toBe(true)
  })
})
