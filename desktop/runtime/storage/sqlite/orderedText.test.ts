import fc from 'fast-check'
import { expect, test } from 'vitest'
import { orderedText } from './orderedText.ts'

const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd7f0, max: 0xe010 })))
  .map((units) => String.fromCharCode(...units))
const sign = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

test('SQLite, which compares UTF-8 bytes, orders mapped text as JavaScript orders the text, lone surrogates included', () => {
  fc.assert(
    fc.property(anyText, anyText, (left, right) => {
      const bytes = Buffer.compare(Buffer.from(orderedText(left), 'utf8'), Buffer.from(orderedText(right), 'utf8'))
      expect(bytes).toBe(sign(left, right))
    }),
    { numRuns: 2000 },
  )
})

test('everyday text stays as it is', () => {
  expect(orderedText('Größe 日本 €')).toBe('Größe 日本 €')
})
