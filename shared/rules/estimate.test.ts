import fc from 'fast-check'
import { expect, it } from 'vitest'
import { estimateHour, perDay } from './estimate.ts'

const electricity = { currency: 'EUR', microPerKWh: 300_000, microPerPictor: 2_000_000 }
const input = { score: 10_000, bidMicroPerUnit: 50, feeBasisPoints: 1_000, watts: 200, electricity }

it('is score × an hour × bid, less the fee, less what the power costs', () => {
  // 10 units a second: 36,000 units, 1.8 PICTOR, 0.18 of it the fee; 0.2 kWh at 0.30 EUR.
  const hour = estimateHour(input)
  expect(hour).toEqual({
    ...{ units: 36_000, grossMicro: 1_800_000n, feeMicro: 180_000n, netMicro: 1_620_000n },
    ...{ powerCost: 60_000n, balance: 3_240_000n - 60_000n },
  })
  expect(perDay(hour)).toMatchObject({ units: 864_000, netMicro: 38_880_000n, powerCost: 1_440_000n, balance: 76_320_000n })
})

it('says nothing where something is not known, and a loss where there is one', () => {
  expect(estimateHour({ ...input, watts: null })).toMatchObject({ powerCost: null, balance: null })
  expect(estimateHour({ ...input, electricity: undefined })).toMatchObject({ powerCost: null, balance: null })
  expect(estimateHour({ ...input, electricity: { currency: 'EUR', microPerKWh: 300_000 } })).toMatchObject({
    powerCost: 60_000n,
    balance: null,
  })
  expect(estimateHour({ ...input, electricity: { ...electricity, microPerPictor: 0 } }).balance).toBe(-60_000n)
})

it('never overflows and always adds up', () => {
  fc.assert(
    fc.property(fc.nat(100_000_000), fc.integer({ min: 1, max: 1_000 }), fc.nat(100_000), (score, bidMicroPerUnit, watts) => {
      const { grossMicro, feeMicro, netMicro } = estimateHour({ ...input, score, bidMicroPerUnit, watts })
      expect(feeMicro + netMicro).toBe(grossMicro)
    }),
  )
})
