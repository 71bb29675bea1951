import type { Clock } from '#shared/log.ts'

export interface BackOffRange {
  minMs: number
  maxMs: number
}

/** Doubles with every attempt (1, 2, …) up to the maximum; then anything between half of it and all of it, so that farms do not march in step. */
export function backOffMs(attempt: number, { minMs, maxMs }: BackOffRange, random: () => number = Math.random): number {
  const full = Math.min(maxMs, minMs * 2 ** Math.min(attempt - 1, 40))
  return Math.round(full * (0.5 + random() / 2))
}

/** Waits that long, or until the signal is aborted. Never rejects. */
export const backOff = (attempt: number, range: BackOffRange, clock: Clock, signal: AbortSignal): Promise<void> =>
  pause(backOffMs(attempt, range), clock, signal)

/** Waits, or until the signal is aborted. Never rejects. */
export function pause(delayMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const finish = () => {
      cancel()
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const cancel = clock.after(delayMs, finish)
    signal.addEventListener('abort', finish, { once: true })
  })
}
