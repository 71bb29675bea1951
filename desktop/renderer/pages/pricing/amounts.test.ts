import fc from 'fast-check'
import { expect, it } from 'vitest'
import { amountText, readAmount } from './amounts.ts'

it('reads what it writes, with a point or a comma', () => {
  fc.assert(
    fc.property(fc.nat(2_000_000_000), (micro) => {
      expect(readAmount(amountText(micro))).toBe(micro)
    }),
  )
  expect([readAmount('0,32'), readAmount(' 5 '), amountText(320_000), amountText(0)]).toEqual([320_000, 5_000_000, '0.32', '0'])
  expect(['', 'x', '-1', '0.1234567', '1e3'].map(readAmount)).toEqual([null, null, null, null, null])
})
