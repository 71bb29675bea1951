import { expect, test } from 'vitest'
import { unstorable } from './storable.ts'

const reasonFor = (text: string) => {
  const document = JSON.parse(text) as object
  return unstorable(document, JSON.stringify(document))
}

test.each([
  ['a field of CouchDB’s', '{"id":"a","_rev":"1-a"}'],
  ['a prototype at the top', '{"id":"a","__proto__":{"x":1}}'],
  ['a prototype further in', '{"id":"a","frames":{"1":{"__proto__":{"state":"delivered"}}}}'],
  ['half a character', '{"id":"a","name":"\\ud800"}'],
  ['a deep nest', `{"id":"a","x":${'['.repeat(60)}${']'.repeat(60)}}`],
])('%s cannot be stored', (_what, text) => {
  expect(reasonFor(text)).not.toBeNull()
})

test('texts that only speak of such things can', () => {
  expect(reasonFor('{"id":"a","name":"\\"__proto__\\":1","constructor":{"prototype":1},"of":{"_rev":"1"}}')).toBeNull()
})
