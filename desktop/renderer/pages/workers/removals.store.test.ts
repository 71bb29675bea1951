import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { undoMs, useRemovals } from './removals.store.ts'

beforeEach(() => {
  setActivePinia(createPinia())
  vi.useFakeTimers()
})
afterEach(() => void vi.useRealTimers())

describe('removals', () => {
  it('hides at once and deletes only when the time to take it back is over', async () => {
    const removals = useRemovals()
    const remove = vi.fn(() => Promise.resolve())
    removals.begin(['node-1', 'node-2'], remove)
    expect([...removals.pending]).toEqual(['node-1', 'node-2'])
    await vi.advanceTimersByTimeAsync(undoMs - 1)
    expect(remove).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(remove).toHaveBeenCalledWith(['node-1', 'node-2'])
    expect(removals.pending.size).toBe(0)
  })
  it('deletes nothing that was taken back', async () => {
    const removals = useRemovals()
    const remove = vi.fn(() => Promise.resolve())
    const undo = removals.begin(['node-1'], remove)
    undo()
    expect(removals.pending.size).toBe(0)
    await vi.advanceTimersByTimeAsync(undoMs * 2)
    expect(remove).not.toHaveBeenCalled()
  })
})
