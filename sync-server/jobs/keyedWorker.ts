import { durations } from '#shared/durations.ts'
import { toAppError } from '#shared/errors/appError.ts'
import type { Clock, Logger } from '#shared/log.ts'

interface Entry {
  running: boolean
  /** Asked for again while it runs: what came in between must be seen by a run that begins afterwards. */
  again: boolean
  failures: number
  cancelRetry: (() => void) | null
  waiting: Array<() => void>
  waitingNext: Array<() => void>
}

export interface KeyedWorker {
  /** Asks for a run for this key; resolves after a run that began later than this has succeeded (or the worker was stopped). */
  request(key: string): Promise<void>
  /** Resolves when nothing runs or waits, retries included. */
  idle(): Promise<void>
  stop(): Promise<void>
}

/**
 * Runs an idempotent job per key: never twice at once for the same key, any number of requests in between folded into one run, failed
 * runs repeated with a jittered back-off until they succeed. At most `concurrency` keys at once.
 */
export function createKeyedWorker(options: {
  name: string
  run(key: string): Promise<void>
  concurrency: number
  log: Logger
  clock: Clock
  random?: () => number
}): KeyedWorker {
  const { clock, log, random = Math.random } = options
  const entries = new Map<string, Entry>()
  const ready: string[] = []
  let running = 0
  let stopped = false
  let idleWaiters: Array<() => void> = []

  function pump(): void {
    while (!stopped && running < options.concurrency) {
      const key = ready.shift()
      if (key === undefined) break
      void runOne(key)
    }
    if (running === 0 && (stopped || entries.size === 0)) {
      for (const resolve of idleWaiters) resolve()
      idleWaiters = []
    }
  }

  async function runOne(key: string): Promise<void> {
    const entry = entries.get(key)
    if (!entry) return
    running += 1
    entry.running = true
    entry.again = false
    try {
      await options.run(key)
      entry.failures = 0
      for (const resolve of entry.waiting.splice(0)) resolve()
    } catch (thrown) {
      entry.failures += 1
      const delayMs = Math.min(durations.restartMaxMs, durations.restartMinMs * 2 ** Math.min(entry.failures, 10)) * (0.5 + random() / 2)
      log.warn(`${options.name} failed and is tried again`, { key, delayMs: Math.round(delayMs), reason: toAppError(thrown).message })
      if (!stopped)
        entry.cancelRetry = clock.after(delayMs, () => {
          entry.cancelRetry = null
          ready.push(key)
          pump()
        })
    }
    running -= 1
    entry.running = false
    entry.waiting.push(...entry.waitingNext.splice(0))
    // Once stopped, the entry stays for `stop` to resolve who waits.
    if (entry.cancelRetry === null && !stopped) {
      if (entry.again) ready.push(key)
      else entries.delete(key)
    }
    pump()
  }

  return {
    request(key) {
      if (stopped) return Promise.resolve()
      return new Promise((resolve) => {
        const entry = entries.get(key)
        if (!entry) {
          entries.set(key, { running: false, again: false, failures: 0, cancelRetry: null, waiting: [resolve], waitingNext: [] })
          ready.push(key)
          pump()
        } else if (entry.running) {
          entry.again = true
          entry.waitingNext.push(resolve)
        } else entry.waiting.push(resolve)
      })
    },
    idle: () => (entries.size === 0 ? Promise.resolve() : new Promise((resolve) => idleWaiters.push(resolve))),
    async stop() {
      stopped = true
      ready.length = 0
      for (const entry of entries.values()) entry.cancelRetry?.()
      if (running > 0) await new Promise<void>((resolve) => idleWaiters.push(resolve))
      for (const entry of entries.values()) for (const resolve of [...entry.waiting, ...entry.waitingNext]) resolve()
      entries.clear()
      for (const resolve of idleWaiters.splice(0)) resolve()
    },
  }
}
