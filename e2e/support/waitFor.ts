import { setTimeout as delay } from 'node:timers/promises'

/** Long enough for a few frames on a computer that is busy with something else; who waits for less is told sooner by what it asserts. */
const patienceMs = 120_000

/**
 * Asks again until `probe` gives something (not null, undefined or false). Rejects after `timeoutMs`, with the last error of the probe.
 * `what` says in the error what was waited for.
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | Promise<T>,
  timeoutMs = patienceMs,
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = performance.now() + timeoutMs
  let last: unknown = null
  for (;;) {
    try {
      const value = await probe()
      if (value !== null && value !== undefined && value !== false) return value as NonNullable<Exclude<T, false>>
    } catch (error) {
      last = error
    }
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs / 1000} s for ${what}`, { cause: last })
    await delay(50)
  }
}
