import type { Clock } from '../../log.ts'

/** A clock that moves only when told to; timers fire in order while it moves. */
export function createFakeClock(startMs = 1_000_000) {
  let wallMs = startMs
  let monotonicMs = 0
  let timers: { at: number; callback: () => void }[] = []
  const clock: Clock = {
    now: () => wallMs,
    monotonicMs: () => monotonicMs,
    after(delayMs, callback) {
      const timer = { at: monotonicMs + delayMs, callback }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
  }
  return {
    clock,
    /** Moves time on, letting promises settle between timers. */
    async advance(ms: number): Promise<void> {
      const end = monotonicMs + ms
      await settle()
      for (;;) {
        const due = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0]
        if (due === undefined) break
        timers = timers.filter((timer) => timer !== due)
        wallMs += Math.max(0, due.at - monotonicMs)
        monotonicMs = Math.max(monotonicMs, due.at)
        due.callback()
        await settle()
      }
      wallMs += end - monotonicMs
      monotonicMs = end
    },
    /** The computer sleeps: wall time passes, timers stand still. */
    sleep(ms: number): void {
      wallMs += ms
    },
    timers: () => timers.length,
  }
}

/** Lets everything that waits only for promises run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
}
