import { computed, type ComputedRef } from 'vue'
import { useData, useDocuments } from '../../data/dataLink.ts'
import { useNow } from '../../format/useNow.ts'
import { createFleet, type FleetRow } from './fleet.ts'
import { useRemovals } from './removals.store.ts'

/** Statuses change by time alone (not heard for 90 s), but not every second. */
const statusStepMs = 5_000

/** All workers of the owner with their status, live. */
export function useFleet(): {
  rows: ComputedRef<FleetRow[]>
  /** The workers themselves are here. */
  loaded: ComputedRef<boolean>
  /** And what they are and do: before that a page about one would be drawn in pieces. */
  joined: ComputedRef<boolean>
  hereId: ComputedRef<string | null>
} {
  const data = useData()
  const workers = useDocuments('workers')
  const nodes = useDocuments('nodes')
  const presence = useDocuments('presence')
  const now = useNow()
  const step = computed(() => Math.floor(now.value / statusStepMs))
  const hereId = computed(() => (data.place === 'runtime' ? (data.hello.value?.nodeId ?? null) : null))
  const fleet = createFleet()
  const removals = useRemovals()
  return {
    rows: computed(() => {
      void step.value
      return fleet({
        workers: removals.pending.size === 0 ? workers.documents : workers.documents.filter(({ id }) => !removals.pending.has(id)),
        nodes: nodes.documents,
        presence: presence.documents,
        nowMs: frozenNow(data),
        hereId: hereId.value,
      })
    }),
    loaded: computed(() => workers.loaded),
    joined: computed(() => workers.loaded && nodes.loaded && presence.loaded),
    hereId,
  }
}

/** While the line is down nothing is heard of anybody: statuses stay as they were last known instead of all turning offline. */
function frozenNow(data: ReturnType<typeof useData>): number {
  const state = data.connection.value
  return state.name === 'offline' || state.name === 'refused' ? Math.min(state.since, data.peerNow()) : data.peerNow()
}
