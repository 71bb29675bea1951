import { computed, type ComputedRef } from 'vue'
import { useSummary } from '../../data/useSummary.ts'
import { useData, useDocuments } from '../../data/dataLink.ts'
import { utcDay } from '../../format/days.ts'
import type { FleetFacts } from './fleetView.ts'

/** What each worker earned (net; own jobs are not earnings) and how its tasks ended, from the day totals; and which job it is at. */
export function useFleetFacts(): ComputedRef<FleetFacts> {
  const data = useData()
  const isLarge = data.place === 'gateway'
  // Beside a server the days before today are summed there: a farm's month is more than a page holds.
  const rollups = useDocuments('rollups', () => ({ selector: { day: { $gte: utcDay(data.peerNow(), isLarge ? 0 : -29) } } }))
  const before = useSummary('fleet.totals', () =>
    isLarge ? { fromDay: utcDay(data.peerNow(), -29), toDay: utcDay(data.peerNow(), 0) } : null,
  )
  const tasks = useDocuments('tasks', () => ({ selector: { state: 'assigned' } }))
  const sums = computed(() => {
    const today = utcDay(data.peerNow(), 0)
    const byToday = new Map<string, bigint>()
    const byTotal = new Map<string, bigint>()
    const outcomes = new Map<string, { done: number; all: number }>()
    for (const { nodeId, networkNetMicro, tasksCompleted, tasksFailed } of before.value?.nodes ?? []) {
      byTotal.set(nodeId, BigInt(networkNetMicro))
      outcomes.set(nodeId, { done: tasksCompleted, all: tasksCompleted + tasksFailed })
    }
    for (const rollup of rollups.documents) {
      if (rollup.nodeId === null) continue
      const net = BigInt(rollup.networkNetMicro)
      byTotal.set(rollup.nodeId, (byTotal.get(rollup.nodeId) ?? 0n) + net)
      if (rollup.day === today) byToday.set(rollup.nodeId, net)
      const { done, all } = outcomes.get(rollup.nodeId) ?? { done: 0, all: 0 }
      outcomes.set(rollup.nodeId, {
        done: done + rollup.tasksCompleted,
        all: all + rollup.tasksCompleted + rollup.tasksFailed,
      })
    }
    return { byToday, byTotal, outcomes }
  })
  const jobNames = computed(() => new Map(tasks.documents.map((task) => [task.id, task.jobName])))
  const none = { done: 0, all: 0 }
  return computed(() => ({
    today: (id) => sums.value.byToday.get(id) ?? 0n,
    total: (id) => sums.value.byTotal.get(id) ?? 0n,
    outcome: (id) => sums.value.outcomes.get(id) ?? none,
    jobName: (row) => jobNames.value.get(row.node?.activeTaskIds[0] ?? '') ?? '',
  }))
}
