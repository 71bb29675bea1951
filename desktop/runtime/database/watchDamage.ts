import { durations } from '#shared/durations.ts'
import { appError } from '#shared/errors/appError.ts'
import type { RuntimeOptions } from '../options.ts'
import { markDamaged } from '../storage/healing/damage.ts'
import type { Stops } from '../stops.ts'

/** What to do when a database turns out to be damaged while it is used. */
export interface DamageWatch {
  /** Marks the file, so that the next start sets it aside, and ends this runtime in an orderly way as far as that goes. */
  found(path: string): void
  isFound(): boolean
  /** The runtime is up: from now on damage ends it. Until then whoever starts it starts it anew. */
  isUp(): void
}

/** Nothing can be acknowledged any more on a damaged database, and parts of what was read from it may be wrong: a new process is the cure. */
export function watchDamage({ log, clock, onFatal }: Pick<RuntimeOptions, 'log' | 'clock' | 'onFatal'>, stops: Stops): DamageWatch {
  let first: string | null = null
  let up = false
  const end = (path: string) => {
    const stuck = new Promise<void>((resolve) => void clock.after(durations.processStopTimeoutMs, resolve))
    void Promise.race([stops.run(), stuck]).then(() => onFatal(appError('STORE_CORRUPT', { path })))
  }
  return {
    found(path) {
      if (first !== null) return
      first = path
      log.error('a database is damaged; it is set aside at the next start', { path })
      try {
        markDamaged(path)
      } catch (error) {
        // The next start looks through the file all the same.
        log.error('the damage could not be noted', { path, reason: String(error) })
      }
      if (up) end(path)
    },
    isFound: () => first !== null,
    isUp() {
      up = true
      if (first !== null) end(first)
    },
  }
}
