import { durations } from '../durations.ts'
import { appError, type AppError } from '../errors/appError.ts'
import type { Clock } from '../log.ts'
import { err, type Result } from '../result.ts'
import type { ClientMessage, Operation, Operations } from './protocol.ts'

const inFlightLimit = 32
const waitingLimit = 1_000

interface Open {
  settle(result: Result<unknown>): void
  cancelTimeout(): void
}

/**
 * The requests of one connection: numbered, at most 32 under way and 1,000 waiting behind them (then BUSY), each with a timeout
 * that begins when it is sent. `fail` settles all of them; afterwards the connection's requests are over.
 */
export function createRequests(send: (message: ClientMessage) => void, clock: Clock) {
  const open = new Map<number, Open>()
  const waiting: { start: () => void; fail: (error: AppError) => void }[] = []
  let lastId = 0
  let failed: AppError | null = null

  function finish(id: number, result: Result<unknown>): void {
    const request = open.get(id)
    if (request === undefined) return
    open.delete(id)
    request.cancelTimeout()
    request.settle(result)
    if (open.size < inFlightLimit) waiting.shift()?.start()
  }

  return {
    /** Never rejects. Errors: TIMED_OUT, BUSY, the error of a lost connection, or what the peer answers. */
    request<Op extends Operation>(
      op: Op,
      payload: Operations[Op]['payload'],
      timeoutMs: number = durations.requestTimeoutMs,
    ): Promise<Result<Operations[Op]['reply']>> {
      return new Promise((resolve) => {
        // Safe: a peer answers an operation with its reply, and peers of other versions only add fields.
        const settle = resolve as (result: Result<unknown>) => void
        const fail = (error: AppError) => settle(err(error))
        const start = () => {
          const id = ++lastId
          const timedOut = () => finish(id, err(appError('TIMED_OUT', { what: op, seconds: Math.round(timeoutMs / 1_000) })))
          open.set(id, { settle, cancelTimeout: clock.after(timeoutMs, timedOut) })
          send({ id, op, payload })
        }
        if (failed !== null) fail(failed)
        else if (open.size < inFlightLimit) start()
        else if (waiting.length < waitingLimit) waiting.push({ start, fail })
        else fail(appError('BUSY'))
      })
    },
    settle: finish,
    fail(error: AppError): void {
      failed = error
      for (const request of waiting.splice(0)) request.fail(error)
      for (const id of [...open.keys()]) finish(id, err(error))
    },
    count: () => open.size + waiting.length,
  }
}
export type Requests = ReturnType<typeof createRequests>
