import type { Clock, Logger } from '#shared/log.ts'

/** What was started, to be stopped in reverse order. */
export interface Lifetimes {
  add(name: string, stop: () => Promise<void> | void): void
  /** Never rejects. A part that takes longer than its share is left behind. */
  stop(deadlineMs: number): Promise<void>
}

export function createLifetimes(log: Logger, clock: Clock): Lifetimes {
  const parts: { name: string; stop: () => Promise<void> | void }[] = []
  return {
    add: (name, stop) => void parts.push({ name, stop }),
    async stop(deadlineMs) {
      const until = clock.monotonicMs() + deadlineMs
      for (const part of parts.splice(0).reverse()) {
        const leftMs = Math.max(100, until - clock.monotonicMs())
        const outcome = await within(Promise.resolve().then(part.stop), leftMs, clock)
        if (outcome !== null) log.warn('a part did not stop in order', { part: part.name, reason: outcome })
      }
    },
  }
}

/** null when it went well. */
function within(work: Promise<void>, delayMs: number, clock: Clock): Promise<string | null> {
  return new Promise((resolve) => {
    const cancel = clock.after(delayMs, () => resolve('it took too long'))
    work.then(
      () => resolve(null),
      (thrown: unknown) => resolve(String(thrown)),
    )
    work.finally(cancel).catch(() => undefined)
  })
}
