import { computed, shallowRef, watch, type ComputedRef } from 'vue'
import { useData } from '../data/dataLink.ts'
import { useStarting } from '../shell/useStarting.ts'
import { syncPill, whileStarting, type SyncPill } from './syncPill.ts'

/** When the page lost its peer; shared, so that every pill says the same time. */
const lostSince = shallowRef<number | null>(null)

/** What the sync pill says now. */
export function useSyncPill(): ComputedRef<SyncPill> {
  const data = useData()
  const starting = useStarting()
  watch(
    data.connection,
    (state) => {
      if (state.name === 'live') lostSince.value = null
      else if (state.name === 'offline') lostSince.value ??= state.since
    },
    { immediate: true },
  )
  return computed(() =>
    whileStarting(syncPill(data.connection.value, data.place, data.uplink.value, data.catchingUp.value, lostSince.value), starting.value),
  )
}
