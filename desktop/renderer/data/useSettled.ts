import { onScopeDispose, shallowRef, toValue, watch, type MaybeRefOrGetter, type ShallowRef } from 'vue'

/**
 * Follows a value that may change many times in a row, as in a table row that shows one worker after another while the list scrolls: the first
 * value at once, a later one when it has stood for a while. In between it is null, so that nothing of another one is shown.
 * @param isDue whether it is of use now; one that has stood is taken as soon as it is, and stays
 */
export function useSettled<Value>(
  source: MaybeRefOrGetter<Value | null>,
  settleMs: number,
  isDue: () => boolean = () => true,
): Readonly<ShallowRef<Value | null>> {
  const settled: ShallowRef<Value | null> = shallowRef(null)
  const stood: ShallowRef<Value | null> = shallowRef(toValue(source))
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(
    () => toValue(source),
    (value) => {
      clearTimeout(timer)
      stood.value = null
      settled.value = null
      if (value !== null) timer = setTimeout(() => (stood.value = value), settleMs)
    },
    { flush: 'sync' },
  )
  watch(
    () => (isDue() ? stood.value : null),
    (value) => {
      if (value !== null) settled.value = value
    },
    { flush: 'sync', immediate: true },
  )
  onScopeDispose(() => clearTimeout(timer))
  return settled
}
