import type { Clock, Logger } from '#shared/log.ts'

const nothing = (): void => undefined
/** A logger for tests that look at results, not at logs. */
export const quietLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => quietLogger }

export { realClock } from './testTools.ts'

/** A clock that only moves when told; callbacks run in order of their time. */
export function createManualClock(startMs = 1_800_000_000_000): Clock & { advance(ms: number): void } {
  let nowMs = startMs
  let due: { atMs: number; callback: () => void }[] = []
  return {
    now: () => nowMs,
    monotonicMs: () => nowMs,
    after(delayMs, callback) {
      const entry = { atMs: nowMs + delayMs, callback }
      due.push(entry)
      return () => (due = due.filter((other) => other !== entry))
    },
    advance(ms) {
      const endMs = nowMs + ms
      for (;;) {
        const next = due.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0]
        if (!next) break
        due = due.filter((other) => other !== next)
        nowMs = Math.max(nowMs, next.atMs)
        next.callback()
      }
      nowMs = endMs
    },
  }
}
