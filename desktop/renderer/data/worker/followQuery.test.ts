import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openDatabase, type Database } from './database.ts'
import { followQuery, type Followed } from './followQuery.ts'

let database: Database
const open: Followed[] = []
beforeEach(async () => void (database = await openDatabase(`follow-${crypto.randomUUID()}`, 'memory')))
afterEach(async () => {
  for (const followed of open.splice(0)) followed.stop()
  await database.remove()
})

const notice = (id: string, at: number, code = 'OFFLINE') => ({ id, ownerId: 'owner-1', updatedAt: at, at, code }) as never
const idsOf = (followed: Followed): string[] => followed.read().map((document) => (document as { id: string }).id)

function follow(query: object) {
  const changed = vi.fn()
  const followed = followQuery(database.collections.notices, query, changed)
  open.push(followed)
  return { followed, changed, answered: () => vi.waitFor(() => expect(changed).toHaveBeenCalled()) }
}

it('finds what is there and what comes, changes and goes, in the order of ids', async () => {
  const { notices } = database.collections
  await notices.bulkInsert([notice('c', 1), notice('a', 2)])
  const { followed, answered } = follow({})
  await answered()
  expect(idsOf(followed)).toEqual(['a', 'c'])
  await notices.insert(notice('b', 3))
  await vi.waitFor(() => expect(idsOf(followed)).toEqual(['a', 'b', 'c']))
  const [first, , last] = followed.read()
  await notices.upsert(notice('b', 4))
  await vi.waitFor(() => expect(followed.read()[1]).toMatchObject({ at: 4 }))
  // Rows compare by identity.
  expect(followed.read()[0]).toBe(first)
  expect(followed.read()[2]).toBe(last)
  expect(Object.keys(first as object).filter((key) => key.startsWith('_'))).toEqual([])
  await notices.bulkRemove(['a'])
  await vi.waitFor(() => expect(idsOf(followed)).toEqual(['b', 'c']))
})

it('keeps the order and the selection that were asked for while documents change', async () => {
  const { notices } = database.collections
  await notices.bulkInsert([notice('a', 1), notice('b', 2), notice('c', 3, 'BLOCKED')])
  const { followed, answered } = follow({ selector: { code: 'OFFLINE' }, sort: [{ at: 'desc' }] })
  await answered()
  expect(idsOf(followed)).toEqual(['b', 'a'])
  await notices.upsert(notice('a', 9))
  await notices.upsert(notice('c', 5))
  await vi.waitFor(() => expect(idsOf(followed)).toEqual(['a', 'c', 'b']))
  await notices.upsert(notice('b', 2, 'BLOCKED'))
  await vi.waitFor(() => expect(idsOf(followed)).toEqual(['a', 'c']))
})

it('takes what changes while the first answer is under way', async () => {
  const { notices } = database.collections
  await notices.bulkInsert([notice('a', 1), notice('b', 1)])
  const { followed, answered } = follow({})
  await Promise.all([notices.upsert(notice('a', 2)), notices.bulkRemove(['b']), notices.insert(notice('c', 1))])
  await answered()
  await vi.waitFor(() => expect(followed.read()).toMatchObject([{ id: 'a', at: 2 }, { id: 'c' }]))
})

it('one document is followed by its id, is not looked for among all, and nothing is told after the end', async () => {
  const { notices } = database.collections
  const asked = vi.spyOn(notices.storageInstance, 'query')
  const { followed, changed, answered } = follow({ selector: { id: 'a' } })
  await answered()
  expect(followed.read()).toEqual([])
  await notices.bulkInsert([notice('a', 1), notice('b', 1)])
  await vi.waitFor(() => expect(idsOf(followed)).toEqual(['a']))
  expect(asked).not.toHaveBeenCalled()
  followed.stop()
  const calls = changed.mock.calls.length
  await notices.upsert(notice('a', 2))
  expect(changed).toHaveBeenCalledTimes(calls)
})

it('does not listen where RxDB keeps every event for ever', async () => {
  const { notices } = database.collections
  const asked = vi.spyOn(notices.$, 'subscribe')
  const { followed, answered } = follow({})
  await answered()
  await notices.insert(notice('a', 1))
  await vi.waitFor(() => expect(idsOf(followed)).toEqual(['a']))
  expect(asked).not.toHaveBeenCalled()
})
