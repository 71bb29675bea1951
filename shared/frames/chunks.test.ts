import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitIntoChunks } from './chunks.ts'

test('splits in order, the last chunk may be shorter', () => {
  expect(splitIntoChunks([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]])
  expect(splitIntoChunks([], 3)).toEqual([])
})

test('every frame is in exactly one chunk and no chunk is empty or too long', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat()), fc.integer({ min: 1, max: 50 }), (frames, chunkSize) => {
      const chunks = splitIntoChunks(frames, chunkSize)
      expect(chunks.flat()).toEqual(frames)
      expect(chunks.every((chunk) => chunk.length >= 1 && chunk.length <= chunkSize)).toBe(true)
    }),
  )
})

test.each([0, -1, 1.5, Number.NaN])('a size of %s is a mistake of the caller', (size) => {
  expect(() => splitIntoChunks([1], size)).toThrow(RangeError)
})
