import type { Clock } from '#shared/log.ts'

export interface ManualClock extends Clock {
  /** Lets time pass; what is due is called in order. */
  advance(ms: number): void
  /** Sets the wall clock without time passing, as a person does. */
  setWall(ms: number): void
}

/** A clock that only moves when told. */
export function manualClock(startMs = 1_000_000): ManualClock {
  let monotonicMs = 0
  let offset = startMs
  let timers: Array<{ at: number; callback: () => void }> = []
  return {
    now: () => monotonicMs + offset,
    monotonicMs: () => monotonicMs,
    after(delayMs, callback) {
      const timer = { at: monotonicMs + Math.max(0, delayMs), callback }
      timers.push(timer)
      return () => void (timers = timers.filter((one) => one !== timer))
    },
    advance(ms) {
      const until = monotonicMs + ms
      for (;;) {
        const next = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
        if (next === undefined) break
        timers = timers.filter((one) => one !== next)
        monotonicMs = Math.max(monotonicMs, next.at)
        next.callback()
      }
      monotonicMs = until
    },
    setWall: (ms) => void (offset = ms - monotonicMs),
  }
}
