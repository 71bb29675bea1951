import { longTimer } from '#shared/longTimer.ts'
import type { Clock } from '#shared/log.ts'

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: longTimer((delayMs, callback) => {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  }),
}
