import { useEventListener, useMediaQuery } from '@vueuse/core'
import { computed, ref, type ComputedRef } from 'vue'

/** Whether the page is being put on paper: what draws only what is in sight draws all of it then. */
export function usePrinting(): ComputedRef<boolean> {
  const isPaper = useMediaQuery('print')
  const isAsked = ref(false)
  useEventListener(window, 'beforeprint', () => (isAsked.value = true))
  useEventListener(window, 'afterprint', () => (isAsked.value = false))
  return computed(() => isPaper.value || isAsked.value)
}
