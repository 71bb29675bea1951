import { onScopeDispose, shallowRef, toValue, watch, type MaybeRefOrGetter, type ShallowRef } from 'vue'

/** Whether something is waited for that may still come: false once it has been waited for `patienceMs`. */
export function useWaiting(isMissing: MaybeRefOrGetter<boolean>, patienceMs: number): Readonly<ShallowRef<boolean>> {
  const waiting = shallowRef(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(
    () => toValue(isMissing),
    (missing) => {
      clearTimeout(timer)
      waiting.value = missing
      if (missing) timer = setTimeout(() => (waiting.value = false), patienceMs)
    },
    { immediate: true, flush: 'sync' },
  )
  onScopeDispose(() => clearTimeout(timer))
  return waiting
}
