import type { Clock } from '#shared/log.ts'
import { durations } from '#shared/durations.ts'

/** One look at the server's clock; times of ours are monotonic. */
interface ServerTimeSample {
  serverTimeMs: number
  sentAtMs: number
  receivedAtMs: number
}

/**
 * The server's time as seen from here. It runs by monotonic time, so that setting this computer's clock changes nothing.
 * Before the first sample the wall clock stands in, moved by the offset that was known when the node last stopped.
 */
export interface ServerClock {
  /** The best guess. */
  now(): number
  /** Not later than this: leases are judged by it, so that none is thought longer than it is. */
  latest(): number
  sample(sample: ServerTimeSample): void
  /** How far this computer's clock is off (positive: ahead); null before the first sample. */
  wallOffsetMs(): number | null
  isWallWrong(): boolean
  onSample(listener: () => void): () => void
}

export function createServerClock(clock: Clock, lastKnownOffsetMs = 0): ServerClock {
  const listeners = new Set<() => void>()
  /** server − monotonic: from the middle of the round trip, and from its beginning (the latest possible). */
  let middle = clock.now() - clock.monotonicMs() - lastKnownOffsetMs
  let latest = middle
  let wallOffsetMs: number | null = null
  return {
    now: () => Math.round(clock.monotonicMs() + middle),
    latest: () => Math.ceil(clock.monotonicMs() + latest),
    sample({ serverTimeMs, sentAtMs, receivedAtMs }) {
      middle = serverTimeMs - (sentAtMs + receivedAtMs) / 2
      latest = serverTimeMs - sentAtMs
      wallOffsetMs = Math.round(clock.now() - (clock.monotonicMs() + middle))
      listeners.forEach((listener) => listener())
    },
    wallOffsetMs: () => wallOffsetMs,
    isWallWrong: () => wallOffsetMs !== null && Math.abs(wallOffsetMs) > durations.clockToleranceMs,
    onSample(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
