import { toValue, watch, type MaybeRefOrGetter, type ShallowRef, shallowRef } from 'vue'
import type { NodeDocument } from '#shared/collections/node.schema.ts'
import type { LiveNode } from '#shared/sync/live.ts'
import { useData } from '../../data/dataLink.ts'
import { sampleOf } from './history.ts'
import { createLastHour, minuteMs, minutesShown, sampleOfMinute } from './lastHour.ts'
import { readMetrics } from './metrics.ts'

/** The last hour of a worker: what it wrote is read once, and again when the line is back; what is heard live goes on with it. */
export function useLastHour(node: MaybeRefOrGetter<NodeDocument | null>, live: MaybeRefOrGetter<LiveNode | null>) {
  const data = useData()
  const hour = createLastHour()
  /** Grows with every change of the hour. */
  const changes: ShallowRef<number> = shallowRef(0)

  watch(
    [() => toValue(node)?.id ?? null, data.connection],
    async ([id, line], [before]) => {
      if (id !== before) hour.clear()
      if (id === null || line.name !== 'live') return
      const nowMs = data.peerNow()
      const reply = await readMetrics(data, id, nowMs - (minutesShown - 1) * minuteMs, nowMs)
      // Without an answer there is what is heard.
      if (!reply.ok || id !== toValue(node)?.id) return
      for (const minute of reply.value) hour.put(minute.at, sampleOfMinute(minute, toValue(node)?.hardware.ramMiB ?? null))
      changes.value += 1
    },
    { immediate: true },
  )
  watch(
    () => toValue(live),
    (value) => {
      if (value === null) return
      hour.add(sampleOf(value), value.atMs)
      changes.value += 1
    },
    { immediate: true },
  )
  return { hour, changes }
}
