import { durations } from '#shared/durations.ts'
import { appError, type AppError } from '#shared/errors/appError.ts'
import type { Clock } from '#shared/log.ts'
import { err, ok, type Result } from '#shared/result.ts'

const maxKeys = 10_000

interface Tries {
  count: number
  sinceMs: number
}

/** Counts failed tries per key (an address, an account) in a window of 5 minutes. Memory bounded: the oldest keys are forgotten. */
export interface Attempts {
  /** TOO_MANY_ATTEMPTS with the seconds to wait, or ok. */
  check(key: string, limit: number): Result<null>
  failed(key: string): void
  succeeded(key: string): void
}

export function createAttempts(clock: Clock): Attempts {
  const tries = new Map<string, Tries>()
  const current = (key: string): Tries | null => {
    const held = tries.get(key)
    if (held === undefined) return null
    if (clock.monotonicMs() - held.sinceMs < durations.attemptWindowMs) return held
    tries.delete(key)
    return null
  }
  return {
    check(key, limit) {
      const held = current(key)
      if (held === null || held.count < limit) return ok(null)
      const seconds = Math.ceil((held.sinceMs + durations.attemptWindowMs - clock.monotonicMs()) / 1_000)
      return err<AppError>(appError('TOO_MANY_ATTEMPTS', { seconds }))
    },
    failed(key) {
      const held = current(key)
      if (held !== null) {
        held.count += 1
        return
      }
      if (tries.size >= maxKeys) {
        const [oldest] = tries.keys()
        if (oldest !== undefined) tries.delete(oldest)
      }
      tries.set(key, { count: 1, sinceMs: clock.monotonicMs() })
    },
    succeeded: (key) => void tries.delete(key),
  }
}
