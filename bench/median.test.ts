import { expect, it } from 'vitest'
import { compareInTurns, median } from './median.ts'

it('takes the middle', () => {
  expect(median([9, 1, 5])).toBe(5)
  expect(median([8, 1, 5, 3])).toBe(4)
})

it('compares neighbours: a moment that slows both of a pair leaves the ratio as it is', () => {
  expect(compareInTurns([100, 10, 90], [50, 5, 60])).toEqual({ ours: 90, peer: 50, ratio: 2 })
  expect(() => compareInTurns([1, 2], [1])).toThrow('in turns')
})
