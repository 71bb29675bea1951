import { durations } from '#shared/durations.ts'
import { toAppError } from '#shared/errors/appError.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { waitAtMost } from '../jobs/waitAtMost.ts'

export interface Periodic {
  /** Runs it again and again, for the first time after `delayMs`. A run that fails is logged; the next one comes all the same. */
  every(delayMs: number, run: () => Promise<unknown>): void
  /** No more runs begin; waits a moment for those under way. */
  stop(): Promise<void>
}

export function createPeriodic(clock: Clock, log: Logger): Periodic {
  const cancels = new Set<() => void>()
  const running = new Set<Promise<unknown>>()
  return {
    every(delayMs, run) {
      const again = (): void => {
        const cancel = clock.after(delayMs, () => {
          cancels.delete(cancel)
          const turn = run()
            .catch((thrown: unknown) => log.warn('a periodic task failed and comes again', { reason: toAppError(thrown).message }))
            .finally(() => running.delete(turn))
          running.add(turn)
          again()
        })
        cancels.add(cancel)
      }
      again()
    },
    async stop() {
      for (const cancel of cancels) cancel()
      cancels.clear()
      await waitAtMost(clock, durations.processStopTimeoutMs / 4, Promise.all(running))
    },
  }
}
