import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

/** How long a deletion can be taken back: until then nothing is sent, because the server takes the keys away at once. */
export const undoMs = 8_000

/** Workers that will be deleted unless their owner takes it back. They are not shown meanwhile. */
export const useRemovals = defineStore('removals', () => {
  const pending = shallowRef<ReadonlySet<string>>(new Set())
  const without = (ids: readonly string[]): ReadonlySet<string> => {
    const left = new Set(pending.value)
    for (const id of ids) left.delete(id)
    return left
  }
  return {
    pending,
    /** Hides the workers and deletes them when the time is over. Returns how it is taken back. */
    begin(ids: readonly string[], remove: (ids: readonly string[]) => Promise<void>): () => void {
      pending.value = new Set([...pending.value, ...ids])
      const timer = setTimeout(() => {
        // They stay hidden until their deletion is written, and come back if that fails.
        void remove(ids).finally(() => (pending.value = without(ids)))
      }, undoMs)
      return () => {
        clearTimeout(timer)
        pending.value = without(ids)
      }
    },
  }
})
