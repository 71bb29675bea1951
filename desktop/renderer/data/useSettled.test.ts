import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { effectScope, ref } from 'vue'
import { useSettled } from './useSettled.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('takes the first value at once and a later one when it has stood', () => {
  const scope = effectScope()
  const id = ref<string | null>('a')
  const settled = scope.run(() => useSettled(id, 250))
  expect(settled?.value).toBe('a')
  id.value = 'b'
  expect(settled?.value).toBe(null)
  vi.advanceTimersByTime(200)
  id.value = 'c'
  vi.advanceTimersByTime(200)
  expect(settled?.value).toBe(null)
  vi.advanceTimersByTime(50)
  expect(settled?.value).toBe('c')
  id.value = null
  expect(settled?.value).toBe(null)
  id.value = 'd'
  scope.stop()
  vi.advanceTimersByTime(1_000)
  expect(settled?.value).toBe(null)
})

it('takes a value that has stood once it is of use, and keeps it', () => {
  const scope = effectScope()
  const id = ref<string | null>('a')
  const isDue = ref(false)
  const settled = scope.run(() => useSettled(id, 250, () => isDue.value))
  expect(settled?.value).toBe(null)
  isDue.value = true
  expect(settled?.value).toBe('a')
  isDue.value = false
  expect(settled?.value).toBe('a')
  id.value = 'b'
  vi.advanceTimersByTime(1_000)
  expect(settled?.value).toBe(null)
  isDue.value = true
  expect(settled?.value).toBe('b')
  // Of use all the time: when it has stood.
  id.value = 'c'
  vi.advanceTimersByTime(200)
  expect(settled?.value).toBe(null)
  vi.advanceTimersByTime(50)
  expect(settled?.value).toBe('c')
  scope.stop()
})
