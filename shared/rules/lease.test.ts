import fc from 'fast-check'
import { expect, it } from 'vitest'
import { durations } from '../durations.ts'
import { isLeaseOver, leaseLengthMs, leaseRemainingMs, makeLease, renewLease } from './lease.ts'

it('lasts 24 h, or the buffer with its margin, never past the deadline', () => {
  expect(leaseLengthMs(0)).toBe(durations.leaseMinimumMs)
  expect(leaseLengthMs(3 * 86_400_000)).toBe(3 * 86_400_000 + durations.leaseMarginMs)
  expect(leaseLengthMs(0, 3_600_000)).toBe(3_600_000)
  expect(leaseLengthMs(0, -5)).toBe(60_000)
})

it('renewing never shortens and keeps the token', () => {
  fc.assert(
    fc.property(fc.nat(1e9), fc.nat(1e9), fc.nat(1e10), fc.nat(1e10), (now, later, buffer, next) => {
      const lease = makeLease(3, now, buffer)
      const renewed = renewLease(lease, now + later, next)
      expect(renewed.token).toBe(3)
      expect(renewed.expiresAt).toBeGreaterThanOrEqual(lease.expiresAt)
      expect(isLeaseOver(renewed, renewed.expiresAt - 1)).toBe(false)
      expect(isLeaseOver(renewed, renewed.expiresAt)).toBe(true)
    }),
  )
})

it('a node never believes a lease longer than the server does, whatever the delay of the line', () => {
  fc.assert(
    fc.property(fc.nat(1e6), fc.nat(5_000), fc.nat(5_000), fc.nat(1e8), (serverAtAnswer, wayThere, wayBack, passed) => {
      const lease = makeLease(1, 0, 0)
      // The answer was stamped by the server, then travelled for `wayBack`; the node read its monotonic clock (0) on arrival.
      const reading = { serverTimeMs: serverAtAnswer, monotonicMs: 0, roundTripMs: wayThere + wayBack }
      const trueServerTime = serverAtAnswer + wayBack + passed
      expect(leaseRemainingMs(lease, reading, passed)).toBeLessThanOrEqual(lease.expiresAt - trueServerTime)
    }),
  )
})
