import { describe, expect, it } from 'vitest'
import { bucketsOf, customDays, firstDayOf, type TimeRange } from './timeRange.ts'

const now = Date.parse('2026-03-10T05:30:00Z')
const range = (name: TimeRange['name'], from = '', to = ''): TimeRange => ({ name, from, to })
const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

describe('bucketsOf', () => {
  it('walks the last 24 hours across midnight, the present one last', () => {
    const { step, list } = bucketsOf(range('hours'), now)
    expect(step).toBe('hour')
    expect(list).toHaveLength(24)
    expect(list.at(-1)?.atMs).toBe(Date.parse('2026-03-10T05:00:00Z'))
    expect(list[0]?.atMs).toBe(Date.parse('2026-03-09T06:00:00Z'))
  })
  it.each([
    ['week', 7, '2026-03-04'],
    ['month', 30, '2026-02-09'],
  ] as const)('%s ends with today', (name, days, first) => {
    const { step, list } = bucketsOf(range(name), now)
    expect(step).toBe('day')
    expect(list).toHaveLength(days)
    expect(day(list[0]?.atMs ?? 0)).toBe(first)
    expect(firstDayOf(range(name), now)).toBe(first)
    expect(day(list.at(-1)?.atMs ?? 0)).toBe('2026-03-10')
  })
  it('draws a year in weeks without losing or doubling a day', () => {
    const { step, list } = bucketsOf(range('year'), now)
    expect(step).toBe('week')
    expect(list).toHaveLength(53)
    expect(day(list[0]?.atMs ?? 0)).toBe(firstDayOf(range('year'), now))
    list.slice(1).forEach((bucket, index) => expect(bucket.atMs).toBe(list[index]?.endMs))
  })
  it('takes two days in either order, with hours when they are few', () => {
    const { step, list } = bucketsOf(range('custom', '2026-03-02', '2026-03-01'), now)
    expect(step).toBe('hour')
    expect(list).toHaveLength(48)
    expect(bucketsOf(range('custom', '2026-01-01', '2026-02-28'), now).list).toHaveLength(59)
  })
  it('draws nothing of a range that cannot be read', () => {
    for (const [from, to] of [
      ['', '2026-01-01'],
      ['2026-13-40', '2026-01-01'],
      ['0001-01-01', '2026-01-01'],
    ] as const) {
      expect(customDays({ from, to })).toBeNull()
      expect(bucketsOf(range('custom', from, to), now).list).toEqual([])
    }
  })
})
