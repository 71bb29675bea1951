import { afterEach, expect, it } from 'vitest'
import { openDatabase, type Database } from './database.ts'
import { mostKept, trimDatabase } from './trimDatabase.ts'

let database: Database
afterEach(async () => void (await database.remove()))

const noticeOf = (index: number) => ({ id: `notice-${index}`, ownerId: 'owner-1', updatedAt: index, at: index, code: 'OFFLINE' }) as never

it('begins a collection anew that has outgrown its window, and leaves the others and what the page writes alone', async () => {
  database = await openDatabase(`trim-${crypto.randomUUID()}`, 'memory')
  const most = mostKept('notices') ?? 0
  await database.collections.notices.bulkInsert(Array.from({ length: most }, (_, index) => noticeOf(index)))
  expect(await trimDatabase(database)).toEqual([])
  await database.collections.notices.insert(noticeOf(most))
  await database.collections.earnings.insert({ id: 'task-1:network', ownerId: 'owner-1', updatedAt: 1, createdAt: 1 } as never)
  expect(await trimDatabase(database)).toEqual(['notices'])
  expect(await database.collections.notices.count().exec()).toBe(0)
  expect(await database.collections.earnings.count().exec()).toBe(1)
  await database.collections.notices.insert(noticeOf(1))
  expect(await database.collections.notices.count().exec()).toBe(1)
  expect([mostKept('jobs'), mostKept('workers'), mostKept('profile')]).toEqual([null, null, null])
})
