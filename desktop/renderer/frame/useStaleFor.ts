import { computed, type ComputedRef } from 'vue'
import { useFormat } from '../format/useFormat.ts'
import { useNow } from '../format/useNow.ts'
import { useSyncPill } from './useSyncPill.ts'
import { useData } from '../data/dataLink.ts'

/** How old what the page shows is ("3 min ago"), while its peer does not answer; null while it does. */
export function useStaleFor(): ComputedRef<string | null> {
  const data = useData()
  const pill = useSyncPill()
  const now = useNow()
  const format = useFormat()
  return computed(() => {
    if (data.connection.value.name === 'live' || data.lists.value === null) return null
    const { value } = pill
    return value.kind === 'noRuntime' || value.kind === 'offline' ? format.value.age(value.since, Math.max(now.value, value.since)) : null
  })
}
