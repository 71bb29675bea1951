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
  /** A sample moved `now` by more than the line's delay explains: a clock was set, here before the first sample or there. Whatever waits for a moment looks again. */
  onStep(listener: (stepMs: number) => void): () => void
  /** Whether the server has said its time since the start; before that, `now` is this computer's clock. */
  isKnown(): boolean
}

/** More than two samples differ by on a slow line. */
const stepMs = 1_000

export function createServerClock(clock: Clock, lastKnownOffsetMs = 0): ServerClock {
  const listeners = new Set<() => void>()
  const stepListeners = new Set<(stepMs: number) => void>()
  /** server − monotonic: from the middle of the round trip, and from its beginning (the latest possible). */
  let middle = clock.now() - clock.monotonicMs() - lastKnownOffsetMs
  let latest = middle
  let wallOffsetMs: number | null = null
  return {
    now: () => Math.round(clock.monotonicMs() + middle),
    latest: () => Math.ceil(clock.monotonicMs() + latest),
    sample({ serverTimeMs, sentAtMs, receivedAtMs }) {
      const before = middle
      middle = serverTimeMs - (sentAtMs + receivedAtMs) / 2
      latest = serverTimeMs - sentAtMs
      wallOffsetMs = Math.round(clock.now() - (clock.monotonicMs() + middle))
      listeners.forEach((listener) => listener())
      const step = middle - before
      if (Math.abs(step) > stepMs + (receivedAtMs - sentAtMs) / 2) stepListeners.forEach((listener) => listener(step))
    },
    wallOffsetMs: () => wallOffsetMs,
    isWallWrong: () => wallOffsetMs !== null && Math.abs(wallOffsetMs) > durations.clockToleranceMs,
    onSample(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    onStep(listener) {
      stepListeners.add(listener)
      return () => void stepListeners.delete(listener)
    },
    isKnown: () => wallOffsetMs !== null,
  }
}
