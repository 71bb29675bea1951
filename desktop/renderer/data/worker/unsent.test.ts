import { expect, it } from 'vitest'
import { createUnsent } from './unsent.ts'

it('counts a document until its newest change was answered', () => {
  const unsent = createUnsent()
  unsent.edited('workers', 'a')
  unsent.edited('workers', 'b')
  const answered = unsent.sending('workers', ['a', 'b'])
  unsent.edited('workers', 'b')
  unsent.edited('jobs', 'a')
  expect(unsent.count.value).toBe(3)
  answered()
  expect(unsent.count.value, 'b was changed again meanwhile').toBe(2)
  unsent.sending('workers', ['b'])()
  expect(unsent.count.value).toBe(1)
})

it('forgets what the next database has already', () => {
  const unsent = createUnsent()
  for (const id of ['a', 'b']) unsent.edited('workers', id)
  unsent.edited('profile', 'a')
  unsent.begunAnew('workers', ['b'])
  expect(unsent.count.value).toBe(2)
  unsent.clear()
  expect(unsent.count.value).toBe(0)
})
