import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createTally } from './tally.ts'

interface Row {
  tags: string[]
}
const tagsOf = ({ tags }: Row): string[] => tags

/** Counted anew. */
function counted(rows: readonly Row[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { tags } of rows) for (const tag of new Set(tags)) counts.set(tag, (counts.get(tag) ?? 0) + 1)
  return counts
}

it('counts what a list holds, however it became what it is', () => {
  const row = fc.record({ tags: fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }) })
  const lists = fc.array(row, { minLength: 1, maxLength: 8 }).chain((rows) => fc.array(fc.subarray(rows), { maxLength: 6 }))
  fc.assert(
    fc.property(lists, fc.boolean(), (versions, isTurned) => {
      const tally = createTally(tagsOf)
      for (const version of versions) {
        const rows = isTurned ? version.toReversed() : version
        expect(tally(rows)).toEqual(counted(rows))
      }
    }),
  )
})

it('does not look at rows that stayed', () => {
  let looks = 0
  const tally = createTally((row: Row) => {
    looks += 1
    return row.tags
  })
  const rows = Array.from({ length: 100 }, () => ({ tags: ['a'] }))
  tally(rows)
  looks = 0
  expect(tally(rows.with(7, { tags: ['b'] })).get('b')).toBe(1)
  expect(looks).toBe(2)
})
