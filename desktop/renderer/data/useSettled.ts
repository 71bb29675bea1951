import { onScopeDispose, shallowRef, toValue, watch, type MaybeRefOrGetter, type ShallowRef } from 'vue'

/**
 * Follows a value that may change many times in a row, as in a table row that shows one worker after another while the list scrolls: the first
 * value at once, a later one when it has stood for a while. In between it is null, so that nothing of another one is shown.
 */
export function useSettled<Value>(source: MaybeRefOrGetter<Value | null>, settleMs: number): Readonly<ShallowRef<Value | null>> {
  const settled: ShallowRef<Value | null> = shallowRef(toValue(source))
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(
    () => toValue(source),
    (value) => {
      clearTimeout(timer)
      settled.value = null
      if (value !== null) timer = setTimeout(() => (settled.value = value), settleMs)
    },
    { flush: 'sync' },
  )
  onScopeDispose(() => clearTimeout(timer))
  return settled
}
