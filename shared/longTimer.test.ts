import { expect, test } from 'vitest'
import { longTimer } from './longTimer.ts'

/** As the timers of Node and browsers are: a delay of more than 31 bits ends at once. */
function shortTimers() {
  let nowMs = 0
  let timers: { at: number; callback: () => void }[] = []
  return {
    waiting: () => timers.length,
    after: (delayMs: number, callback: () => void) => {
      const timer = { at: nowMs + (delayMs > 2 ** 31 - 1 ? 1 : Math.max(0, delayMs)), callback }
      timers.push(timer)
      return () => void (timers = timers.filter((one) => one !== timer))
    },
    advance(ms: number) {
      const until = nowMs + ms
      for (;;) {
        const next = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
        if (next === undefined) break
        timers = timers.filter((one) => one !== next)
        nowMs = next.at
        next.callback()
      }
      nowMs = until
    },
  }
}

const dayMs = 86_400_000

test('a delay of a year ends after a year, one of a second after a second', () => {
  const timers = shortTimers()
  const after = longTimer(timers.after)
  const ended: string[] = []
  after(1_000, () => ended.push('second'))
  after(365 * dayMs, () => ended.push('year'))
  timers.advance(1_000)
  expect(ended).toEqual(['second'])
  timers.advance(365 * dayMs - 1_001)
  expect(ended).toEqual(['second'])
  timers.advance(1)
  expect(ended).toEqual(['second', 'year'])
})

test('it is cancelled at any time, and a delay that is no number ends as the short timer decides', () => {
  const timers = shortTimers()
  const after = longTimer(timers.after)
  const cancel = after(100 * dayMs, () => expect.unreachable())
  timers.advance(60 * dayMs)
  cancel()
  timers.advance(100 * dayMs)
  expect(timers.waiting()).toBe(0)
  after(Number.NaN, () => undefined)
  expect(timers.waiting()).toBe(1)
})
