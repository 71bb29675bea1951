import { expect, test, vi } from 'vitest'
import { manualClock } from '../testing/manualClock.ts'
import { startSleepWatch } from './sleepWatch.ts'

test('sleep is noticed by what the uptime counts and the monotonic clock does not; a clock that is set is no sleep', () => {
  const clock = manualClock()
  let sleptMs = 0
  const told = vi.fn()
  const stop = startSleepWatch(clock, told, () => clock.monotonicMs() + sleptMs)
  clock.advance(60_000)
  clock.setWall(0)
  clock.advance(60_000)
  expect(told).not.toHaveBeenCalled()
  sleptMs += 3_600_000
  clock.advance(5_000)
  expect(told.mock.calls).toEqual([[3_600_000]])
  clock.advance(60_000)
  stop()
  sleptMs += 3_600_000
  clock.advance(60_000)
  expect(told).toHaveBeenCalledTimes(1)
})
