import { durations } from '#shared/durations.ts'
import { toAppError } from '#shared/errors/appError.ts'
import type { Clock } from '#shared/log.ts'
import type { CouchConnection } from './couchConnection.ts'

/**
 * A connection for work that a store which is busy, or restarted meanwhile, must not end: what gets no answer is asked again, with a back-off,
 * until `patienceMs` after the first try. Everything asked here is safe to repeat; bulk writes, which have to know of every try, repeat
 * themselves. Rejects with the last try's SERVER_STORE_UNREACHABLE.
 */
export function createPatientConnection(connection: CouchConnection, clock: Clock, patienceMs: number): CouchConnection {
  return {
    async request(wanted) {
      if (wanted.repeatedByCaller === true) return connection.request(wanted)
      const until = clock.monotonicMs() + patienceMs
      for (let tries = 1; ; tries += 1) {
        try {
          return await connection.request(wanted)
        } catch (thrown) {
          const isOver = wanted.signal?.aborted === true || clock.monotonicMs() >= until
          if (isOver || toAppError(thrown).code !== 'SERVER_STORE_UNREACHABLE') throw thrown
        }
        await new Promise<void>((resolve) => clock.after(delayAfter(tries), resolve))
      }
    },
  }
}

const delayAfter = (tries: number) =>
  Math.min(durations.reconnectMaxMs, durations.reconnectMinMs * 2 ** Math.min(tries - 1, 10)) * (0.5 + Math.random() / 2)
