import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HoursRange } from '../collections/preferences.schema.ts'
import { hoursNow } from './weeklyHours.ts'

const minuteMs = 60_000
const hours = (days: number[], from: number, to: number): HoursRange => ({ days, fromMinute: from * 60, toMinute: to * 60 })
const at = (text: string) => Date.parse(text)
const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'Pacific/Apia', 'Africa/Casablanca']

/** Written another way on purpose: by the texts that a calendar prints. */
function byCalendar(ranges: readonly HoursRange[], nowMs: number, zone: string): boolean {
  const day = (ms: number) =>
    ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(
      new Date(ms).toLocaleDateString('en-US', { timeZone: zone, weekday: 'short' }),
    )
  const [hour = 0, minute = 0] = new Date(nowMs).toLocaleTimeString('en-GB', { timeZone: zone }).split(':').map(Number)
  const now = hour * 60 + minute
  const today = day(nowMs)
  const yesterday = (today + 6) % 7
  return ranges.some(({ days, fromMinute, toMinute }) => {
    const overnight = toMinute <= fromMinute
    if (days.includes(today) && now >= fromMinute && (overnight || now < toMinute)) return true
    return overnight && days.includes(yesterday) && now < toMinute
  })
}

describe('weekly hours', () => {
  test('overnight hours belong to the day on which they begin', () => {
    const fridayNight = [hours([4], 22, 6)]
    // 2026-11-20 is a Friday.
    expect(hoursNow(fridayNight, at('2026-11-20T03:00Z'), 'UTC')).toEqual({ inside: false, untilMs: at('2026-11-20T22:00Z') })
    expect(hoursNow(fridayNight, at('2026-11-20T23:00Z'), 'UTC')).toEqual({ inside: true, untilMs: at('2026-11-21T06:00Z') })
    expect(hoursNow(fridayNight, at('2026-11-21T05:59:59.999Z'), 'UTC')).toEqual({ inside: true, untilMs: at('2026-11-21T06:00Z') })
    expect(hoursNow(fridayNight, at('2026-11-21T06:00Z'), 'UTC').inside).toBe(false)
  })
  test('they cross from Sunday into Monday', () => {
    expect(hoursNow([hours([6], 20, 8)], at('2026-11-23T07:00Z'), 'UTC')).toEqual({ inside: true, untilMs: at('2026-11-23T08:00Z') })
  })
  test('an hour that the clocks skip is skipped, one they repeat counts twice', () => {
    const berlin = (ms: number) => hoursNow([hours([6], 2, 4)], ms, 'Europe/Berlin')
    // Sunday 2027-03-28: 02:00 becomes 03:00. Sunday 2026-10-25: 03:00 becomes 02:00 again.
    expect(berlin(at('2027-03-28T00:59Z'))).toEqual({ inside: false, untilMs: at('2027-03-28T01:00Z') })
    expect(berlin(at('2027-03-28T01:00Z'))).toEqual({ inside: true, untilMs: at('2027-03-28T02:00Z') })
    expect(berlin(at('2026-10-25T00:00Z'))).toEqual({ inside: true, untilMs: at('2026-10-25T03:00Z') })
  })
  test('always and never have no end', () => {
    expect(hoursNow([hours([0, 1, 2, 3, 4, 5, 6], 0, 24)], at('2026-11-20T03:00Z'), 'UTC')).toEqual({ inside: true, untilMs: null })
    expect(hoursNow([hours([0, 1, 2, 3, 4, 5, 6], 5, 5)], at('2026-11-20T03:00Z'), 'UTC')).toEqual({ inside: true, untilMs: null })
    expect(hoursNow([], at('2026-11-20T03:00Z'), 'UTC')).toEqual({ inside: false, untilMs: null })
    expect(hoursNow([{ days: [], fromMinute: 0, toMinute: 9 }], 0, 'UTC')).toEqual({ inside: false, untilMs: null })
  })
  test('a zone that nobody knows is UTC', () => {
    expect(hoursNow([hours([4], 3, 4)], at('2026-11-20T03:30Z'), 'Mars/Olympus').inside).toBe(true)
  })

  const range = fc.record({
    days: fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { maxLength: 7 }),
    fromMinute: fc.integer({ min: 0, max: 1_439 }),
    toMinute: fc.integer({ min: 0, max: 1_440 }),
  })
  // Two years, so that every zone changes its clocks a few times.
  const moment = fc.integer({ min: at('2026-01-01T00:00Z'), max: at('2028-01-01T00:00Z') })
  /** Around the changes of the clocks, where mistakes live. */
  const change = fc
    .tuple(
      fc.constantFrom('2026-03-29T01:00Z', '2026-10-25T01:00Z', '2026-03-08T07:00Z', '2026-11-01T06:00Z', '2026-04-04T15:00Z'),
      fc.integer({ min: -2_000, max: 2_000 }),
    )
    .map(([text, minutes]) => at(text) + minutes * minuteMs)

  test('agree with a calendar, at any time in any zone', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 4 }), fc.oneof(moment, change), fc.constantFrom(...zones), (ranges, nowMs, zone) => {
        expect(hoursNow(ranges, nowMs, zone).inside).toBe(byCalendar(ranges, nowMs, zone))
      }),
      { numRuns: 500 },
    )
  })
  test('the end they name is the first moment at which it is otherwise', () => {
    fc.assert(
      fc.property(
        fc.array(range, { maxLength: 3 }),
        fc.oneof(moment, change),
        fc.constantFrom(...zones),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (ranges, nowMs, zone, share) => {
          const { inside, untilMs } = hoursNow(ranges, nowMs, zone)
          const end = untilMs ?? nowMs + 8 * 86_400_000
          const between = nowMs + share * (end - minuteMs - nowMs)
          if (between > nowMs) expect(byCalendar(ranges, between, zone)).toBe(inside)
          if (untilMs === null) return
          expect(untilMs).toBeGreaterThan(nowMs)
          expect(byCalendar(ranges, untilMs, zone)).toBe(!inside)
          expect(byCalendar(ranges, untilMs - 1, zone)).toBe(inside)
        },
      ),
      { numRuns: 500 },
    )
  })
})
