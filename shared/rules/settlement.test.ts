import fc from 'fast-check'
import { expect, it } from 'vitest'
import { errorTraits } from '../errors/appError.ts'
import { avoidForMs, failuresAllowed, firstLedgerState, ledgerKindOf, paymentFor } from './settlement.ts'

it('pays frames × quote, the fee rounds down, net = gross − fee', () => {
  expect(paymentFor(3, 1_001, 1_000)).toEqual({ frames: 3, grossMicro: 3_003, feeMicro: 300, netMicro: 2_703 })
  fc.assert(
    fc.property(fc.nat(100_000), fc.nat(10_000_000), fc.nat(10_000), (frames, price, basisPoints) => {
      const payment = paymentFor(frames, price, basisPoints)
      expect(payment.grossMicro).toBe(frames * price)
      expect(payment.netMicro + payment.feeMicro).toBe(payment.grossMicro)
      expect(payment.feeMicro * 10_000).toBeLessThanOrEqual(payment.grossMicro * basisPoints)
      expect((payment.feeMicro + 1) * 10_000).toBeGreaterThan(payment.grossMicro * basisPoints)
    }),
  )
})

it('keeps own work and the network apart', () => {
  expect(ledgerKindOf('a', 'a')).toBe('selfRender')
  expect(ledgerKindOf('a', 'b')).toBe('network')
  expect([firstLedgerState('selfRender'), firstLedgerState('network')]).toEqual(['final', 'pending'])
})

it('believes the own node about its scene, and no single foreign one', () => {
  expect(failuresAllowed(errorTraits('SCENE_NO_CAMERA'), 'selfRender')).toBe(1)
  expect(failuresAllowed(errorTraits('SCENE_NO_CAMERA'), 'network')).toBe(2)
  expect(failuresAllowed(errorTraits('BLENDER_CRASHED'), 'selfRender')).toBe(3)
  expect(avoidForMs(errorTraits('BLENDER_CRASHED'), 1)).toBe(10_000)
  expect(avoidForMs(errorTraits('BLENDER_CRASHED'), 2)).toBe(20_000)
  expect(avoidForMs(errorTraits('BLENDER_NOT_FOUND'), 40)).toBe(3_600_000)
})
