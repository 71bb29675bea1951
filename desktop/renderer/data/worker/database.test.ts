import { afterEach, expect, it, vi } from 'vitest'
import { openDatabase, type Database } from './database.ts'

let database: Database
afterEach(async () => void (await database.remove()))

it('keeps nothing of what was found once', async () => {
  database = await openDatabase(`answers-${crypto.randomUUID()}`, 'memory')
  const { notices } = database.collections
  await notices.bulkInsert(
    Array.from({ length: 20 }, (_, at) => ({ id: `notice-${at}`, ownerId: 'owner-1', updatedAt: at, at, code: 'OFFLINE' })) as never,
  )
  const watched = notices.find({ selector: { at: { $gte: 10 } } }).$.subscribe()
  for (let at = 0; at < 20; at += 1) await notices.find({ selector: { at: { $lt: at } } }).exec()
  // RxDB looks through its answers a moment after each question; the last one is looked at with the next.
  await vi.waitFor(() => expect(notices._queryCache._map.size).toBeLessThanOrEqual(2))
  watched.unsubscribe()
})
