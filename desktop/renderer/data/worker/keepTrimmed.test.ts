import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openDatabase, type Database } from './database.ts'
import { keepTrimmed } from './keepTrimmed.ts'
import { createPageLog } from '../pageClock.ts'
import { collectionsToTrim, mostKept } from './trimDatabase.ts'

let database: Database
beforeEach(async () => void (database = await openDatabase(`trimmed-${crypto.randomUUID()}`, 'memory')))
afterEach(async () => void (await database.remove()))

const hourMs = 3_600_000
const noticeOf = (index: number) => ({ id: `notice-${index}`, ownerId: 'owner-1', updatedAt: index, at: index, code: 'OFFLINE' }) as never

/** A clock whose hours pass when the test says so. */
function start(state: { isAlone: boolean; isUntouched: boolean }) {
  const timers = new Set<{ dueMs: number; run: () => void }>()
  let nowMs = 0
  const renew = vi.fn()
  const asked = vi.fn(async () => state.isAlone)
  const stop = keepTrimmed({
    database,
    clock: {
      now: () => nowMs,
      monotonicMs: () => nowMs,
      after(delayMs: number, run: () => void) {
        const timer = { dueMs: nowMs + delayMs, run }
        timers.add(timer)
        return () => void timers.delete(timer)
      },
    },
    log: createPageLog('test'),
    isAlone: asked,
    isUntouched: (forMs) => state.isUntouched && forMs > 0,
    renew,
  })
  return {
    ...{ renew, asked, stop },
    passHour: () => {
      nowMs += hourMs
      for (const timer of [...timers].filter(({ dueMs }) => dueMs <= nowMs)) {
        timers.delete(timer)
        timer.run()
      }
    },
  }
}

it('begins anew when the database has outgrown its windows, nobody is at the page and no other page has it open', async () => {
  const state = { isAlone: true, isUntouched: true }
  const { renew, asked, passHour, stop } = start(state)
  passHour()
  await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(1))
  // Asked behind the question of the page, and so answered behind it.
  expect(await collectionsToTrim(database)).toEqual([])
  await database.collections.notices.bulkInsert(Array.from({ length: (mostKept('notices') ?? 0) + 1 }, (_, index) => noticeOf(index)))
  expect(renew).not.toHaveBeenCalled()
  state.isUntouched = false
  passHour()
  Object.assign(state, { isUntouched: true, isAlone: false })
  passHour()
  await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(2))
  expect(renew).not.toHaveBeenCalled()
  state.isAlone = true
  passHour()
  await vi.waitFor(() => expect(renew).toHaveBeenCalledTimes(1))
  stop()
  passHour()
  expect(asked).toHaveBeenCalledTimes(3)
})
