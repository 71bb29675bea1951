import type { Logger } from '#shared/log.ts'

/** What was started and how it is stopped. */
export interface Stops {
  add(...stops: Array<() => unknown>): void
  /** Stops everything in reverse order, once; a part that fails to stop does not keep the others from it. Never rejects. */
  run(): Promise<void>
}

export function createStops(log: Logger): Stops {
  const stops: Array<() => unknown> = []
  let running: Promise<void> | null = null
  const run = async () => {
    for (const stop of stops.splice(0).reverse()) {
      try {
        await stop()
      } catch (error) {
        log.error('a part did not stop as it should', { reason: String(error) })
      }
    }
  }
  return {
    add: (...added) => void stops.push(...added),
    run: () => (running ??= run()),
  }
}
