import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { WireDocument } from '#shared/sync/protocol.ts'
import { createListKeeper, listParts } from './listChanges.ts'

interface Document extends WireDocument {
  id: string
  version: number
}
const documentsOf = (count: number, version = 1): Document[] =>
  Array.from({ length: count }, (_, index) => ({ id: `id-${index}`, version }))

it('a list is put together as it is, whatever became of it, and what did not change stays the same object', () => {
  const version = fc.uniqueArray(fc.record({ id: fc.nat({ max: 200 }).map(String), version: fc.nat({ max: 3 }) }), {
    selector: ({ id }) => id,
    maxLength: 120,
  })
  fc.assert(
    fc.property(fc.array(version, { minLength: 1, maxLength: 5 }), (versions) => {
      const keeper = createListKeeper()
      const known = new Map<string, Document>()
      let before: Document[] = []
      let shown: readonly Document[] = []
      for (const next of versions) {
        // As the database gives it: the same version of a document is the same object.
        const after: Document[] = next.map((one) => {
          const held = known.get(one.id)
          if (held?.version === one.version) return held
          known.set(one.id, one)
          return one
        })
        const shownBefore = new Map(shown.map((one) => [one.id, one]))
        const wasThere = new Set(before.map(({ id }) => id))
        // Copied, as it is on its way from a worker.
        for (const part of structuredClone(listParts(before, after))) shown = (keeper.take(part) as readonly Document[] | null) ?? shown
        expect(shown).toEqual(after)
        for (const one of shown)
          if (wasThere.has(one.id) && before.find(({ id }) => id === one.id)?.version === one.version)
            expect(one).toBe(shownBefore.get(one.id))
        before = after
      }
    }),
  )
})

it('a list that comes for the first time comes in pieces that a frame can take in, and only with the last it is there', () => {
  const parts = listParts([], documentsOf(5_000))
  expect(Math.max(...parts.map(({ changed }) => changed.length))).toBeLessThanOrEqual(500)
  const keeper = createListKeeper()
  const shown = parts.map((part) => keeper.take(part)?.length ?? null)
  expect(shown).toEqual([...parts.slice(1).map(() => null), 5_000])
})

it('a burst of changes comes in pieces of fifty, which are shown together; a list that stayed is not told', () => {
  const before = documentsOf(2_000)
  const after = before.map((one, place) => (place % 4 === 0 ? { ...one, version: 2 } : one))
  const parts = listParts(before, after)
  expect(parts.map(({ changed }) => changed.length)).toEqual(Array.from({ length: 10 }, () => 50))
  // Who is there, and in which order, is not told again.
  expect(parts.every(({ order }) => order === null)).toBe(true)
  expect(listParts(after, after)).toEqual([])
})

it('of a list that became empty nothing stays', () => {
  const keeper = createListKeeper()
  const documents = documentsOf(3)
  for (const part of listParts([], documents)) keeper.take(part)
  expect(listParts(documents, []).map((part) => keeper.take(part))).toEqual([[]])
})
