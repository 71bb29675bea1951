import { computed, type ComputedRef } from 'vue'
import { useData, useDocuments } from '../../data/dataLink.ts'
import { utcDay } from '../overview/days.ts'

/** What each worker earned (net; own jobs are not earnings), today and in the last 30 days, from the day totals. */
export function useEarnedByWorker(): ComputedRef<{ today(id: string): bigint; total(id: string): bigint }> {
  const data = useData()
  const rollups = useDocuments('rollups', () => ({ selector: { day: { $gte: utcDay(data.peerNow(), -29) } } }))
  return computed(() => {
    const today = utcDay(data.peerNow(), 0)
    const byToday = new Map<string, bigint>()
    const byTotal = new Map<string, bigint>()
    for (const rollup of rollups.documents) {
      if (rollup.nodeId === null) continue
      const net = BigInt(rollup.networkNetMicro)
      byTotal.set(rollup.nodeId, (byTotal.get(rollup.nodeId) ?? 0n) + net)
      if (rollup.day === today) byToday.set(rollup.nodeId, net)
    }
    return { today: (id) => byToday.get(id) ?? 0n, total: (id) => byTotal.get(id) ?? 0n }
  })
}
