import { afterEach, expect, test } from 'vitest'
import { openTestProjection, type TestProjection } from '../testing/openTestProjection.ts'
import { isFull, type Change } from './projection.ts'

let at: TestProjection
afterEach(() => at.remove())

test('a page ends with the row that reaches what it may hold, of rows or of text, and then says that there may be more', () => {
  at = openTestProjection({ ownerId: 'owner-1', collection: 'runs' })
  const changes = Array.from({ length: 30 }, (_, index): Change => {
    const document = {
      ...{
        id: `run-${String(index).padStart(2, '0')}`,
        nodeId: `node-${index % 2}`,
        jobId: 'job-1',
        createdAt: 1_000 + index,
        state: 'rendering',
      },
      text: 'x'.repeat(index === 20 ? 5_000 : 100),
    }
    return { id: document.id, rev: '1-a', document, body: JSON.stringify(document) }
  })
  at.projection.apply(at.database, changes)
  const { projection, database } = at
  const before = { beforeAt: Infinity, beforeId: '~' }
  const ids = (rows: readonly { body: string }[]) => rows.map(({ body }) => Number((JSON.parse(body) as { id: string }).id.slice(4)))
  const down = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, index) => from - index)
  const all = { rows: 100, characters: 1_000_000 }
  expect(ids(projection.newestPage(database, before, all))).toEqual(down(29, 0))
  expect(isFull(projection.newestPage(database, before, all), all)).toBe(false)
  // The large one is the last of its page, and comes alone where it comes first.
  const most = { rows: 15, characters: 3_000 }
  const page = projection.newestPage(database, before, most)
  expect([ids(page), isFull(page, most)]).toEqual([down(29, 20), true])
  expect(ids(projection.newestPage(database, { beforeAt: 1_021, beforeId: '' }, most))).toEqual([20])
  expect(ids(projection.newestPage(database, { beforeAt: 1_020, beforeId: '' }, most))).toEqual(down(19, 5))
  expect(ids(projection.newestPage(database, { ...before, nodeId: 'node-0' }, most))).toEqual([28, 26, 24, 22, 20])
  expect(ids(projection.newestPage(database, { ...before, jobId: 'job-1' }, { rows: 3, characters: 9_999 }))).toEqual([29, 28, 27])
  expect(ids(projection.openPage(database, 'run-18', most))).toEqual([19, 20])
  expect(ids(projection.changesAfter(database, 19, most, null))).toEqual([19, 20])
  expect(ids(projection.changesAfter(database, 0, { rows: 4, characters: 3_000 }, 'node-1'))).toEqual([1, 3, 5, 7])
  // What was left in the middle does not hold up a write.
  const [first] = changes
  projection.apply(database, first === undefined ? [] : [{ ...first, rev: '2-a' }])
  expect(ids(projection.changesAfter(database, 29, all, null))).toEqual([29, 0])
})
