import { expect, test } from 'vitest'
import { isClockTrusted, lookAtClock, type ClockTrust } from './clockTrust.ts'

const hour = 3_600_000
const day = 24 * hour
/** Looks at a clock on the wall and one of running, both in hours. */
const looks = (...times: [wall: number, up: number][]): ClockTrust =>
  times.reduce<ClockTrust | null>((trust, [wall, up]) => lookAtClock(trust, { wallMs: wall * hour, upMs: up * hour }), null)!
const trusted = (...times: [wall: number, up: number][]) => isClockTrusted(looks(...times))

test('a clock is believed after hours of even running, not before', () => {
  expect(trusted([1_000, 10])).toBe(false)
  expect(trusted([1_000, 10], [1_003, 13])).toBe(false)
  expect(trusted([1_000, 10], [1_003, 13], [1_004, 14])).toBe(true)
})

test('one that was set ahead or back is not, until it has run evenly again', () => {
  const year = 365 * 24
  for (const jump of [2, 24, year, -2, -year])
    expect([
      trusted([9_000, 10], [9_006, 16], [9_007 + jump, 17]),
      trusted([9_000, 10], [9_006, 16], [9_007 + jump, 17], [9_010 + jump, 20]),
      trusted([9_000, 10], [9_006, 16], [9_007 + jump, 17], [9_011 + jump, 21]),
    ]).toEqual([false, false, true])
  // And put right again.
  expect(trusted([9_000, 10], [9_006, 16], [9_007 + year, 17], [9_008, 18])).toBe(false)
})

test('sleep and small corrections change nothing; a night off neither, nor does it count', () => {
  expect(trusted([1_000, 10], [1_006, 16], [1_106, 116])).toBe(true)
  expect(trusted([1_000, 10], [1_006.05, 16])).toBe(true)
  expect(trusted([1_000, 10], [1_002, 12], [1_014, 0.1])).toBe(false)
  expect(trusted([1_000, 10], [1_006, 16], [1_018, 0.1])).toBe(true)
})

test('after weeks off, or started with a clock set back, it must run evenly first', () => {
  expect(trusted([1_000, 10], [1_006, 16], [1_006 + 8 * 24, 0.1])).toBe(false)
  expect(trusted([1_000, 10], [1_006, 16], [900, 0.1])).toBe(false)
  expect(looks([1_000, 10], [1_000 + 40 * 24, 10 + 40 * 24]).evenMs).toBe(40 * day)
})
