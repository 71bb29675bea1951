import type { Lease } from '../collections/task.schema.ts'
import { durations } from '../durations.ts'

/** max(24 h, what the node holds in its buffer + margin), never past the job's deadline (but at least a minute). */
export function leaseLengthMs(bufferMs: number, untilDeadlineMs = Number.POSITIVE_INFINITY): number {
  const wanted = Math.max(durations.leaseMinimumMs, Math.max(0, bufferMs) + durations.leaseMarginMs)
  return Math.floor(Math.max(60_000, Math.min(wanted, untilDeadlineMs)))
}

/** A new lease in server time. `token` is the number of the attempt at the chunk: it only ever grows. */
export function makeLease(token: number, serverNowMs: number, bufferMs: number): Lease {
  return { token, issuedAt: serverNowMs, expiresAt: serverNowMs + leaseLengthMs(bufferMs) }
}

/** Never shortens. */
export function renewLease(lease: Lease, serverNowMs: number, bufferMs: number): Lease {
  return { ...lease, expiresAt: Math.max(lease.expiresAt, serverNowMs + leaseLengthMs(bufferMs)) }
}

export const isLeaseOver = (lease: Lease, serverNowMs: number): boolean => serverNowMs >= lease.expiresAt

/** One reading of the server's clock, taken by a node: `roundTripMs` bounds how wrong it can be. */
export interface ServerTimeReading {
  serverTimeMs: number
  monotonicMs: number
  roundTripMs: number
}

/** The latest the server's clock can be now, judged by monotonic time: the owner changing the wall clock does not matter. */
function latestServerTimeMs(reading: ServerTimeReading, monotonicNowMs: number): number {
  return reading.serverTimeMs + Math.max(0, monotonicNowMs - reading.monotonicMs) + reading.roundTripMs
}

/** What is left of a lease on the node, on the careful side. Negative: it is over. */
export function leaseRemainingMs(lease: Lease, reading: ServerTimeReading, monotonicNowMs: number): number {
  return lease.expiresAt - latestServerTimeMs(reading, monotonicNowMs)
}
