import { longTimer } from '#shared/longTimer.ts'
import type { Clock } from '#shared/log.ts'

/** The computer's clock. Timers do not keep the process alive by themselves: what runs owns something that does. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: longTimer((delayMs, callback) => {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  }),
}
