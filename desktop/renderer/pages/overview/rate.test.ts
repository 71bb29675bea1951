import { expect, it } from 'vitest'
import { rollupOfDay } from '../../testing/rollupOfDay.ts'
import { earnedIn, forecastMs, forecastWindowMs, rateWindowMs, spread } from './rate.ts'

const now = Date.parse('2026-03-10T05:30:00Z')
const hourMs = 3_600_000
const hours = (of: Record<number, number>): number[] => Array.from({ length: 24 }, (_, hour) => of[hour] ?? 0)
const steady = (day: string, micro: number) =>
  rollupOfDay(day, { networkNetMicro: micro * 24, netMicroByHour: Array.from({ length: 24 }, () => micro), framesByHour: hours({ 0: 1 }) })

it('takes the mean of the last 24 hours, the present one included', () => {
  const rollups = [steady('2026-03-09', 100), steady('2026-03-10', 300)]
  const earned = earnedIn(rollups, rateWindowMs, now)
  // From 06:00 yesterday: 18 hours of 100, and 6 of 300 in which only half of the last one has passed.
  expect(earned).toEqual({ micro: 3_600n, windowMs: 23.5 * hourMs })
  expect(spread({ micro: 2_400n, windowMs: 24 * hourMs }, hourMs)).toBe(100n)
})
it('looks no further back than there was work, and says so', () => {
  const started = rollupOfDay('2026-03-10', { netMicroByHour: hours({ 2: 70 }), framesByHour: hours({ 2: 1 }) })
  expect(earnedIn([started], forecastWindowMs, now)).toEqual({ micro: 70n, windowMs: 3.5 * hourMs })
  const justNow = rollupOfDay('2026-03-10', { netMicroByHour: hours({ 5: 70 }) })
  expect(earnedIn([justNow], rateWindowMs, now)).toEqual({ micro: 70n, windowMs: hourMs })
})
it('has no rate before the first work, and ignores the days of single nodes', () => {
  expect(earnedIn([], rateWindowMs, now)).toBeNull()
  expect(earnedIn([rollupOfDay('2026-03-10')], rateWindowMs, now)).toBeNull()
  expect(earnedIn([{ ...steady('2026-03-10', 5), nodeId: 'node-1' }], rateWindowMs, now)).toBeNull()
})
it('forecasts in whole numbers beyond a float', () => {
  expect(spread({ micro: 9_007_199_254_740_993n, windowMs: forecastMs }, forecastMs)).toBe(9_007_199_254_740_993n)
})
