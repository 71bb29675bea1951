import { computed, type ComputedRef } from 'vue'
import { useSummary } from '../../data/useSummary.ts'
import { useData, useDocuments } from '../../data/dataLink.ts'
import { utcDay } from '../../format/days.ts'
import type { FleetFacts } from './fleetView.ts'

/** Before any ledger began. */
const firstDay = '2000-01-01'
/** What was earned in all days before today changes once a day, or when a correction comes. */
const allTimeMs = 60_000

/**
 * What each worker earned (net; own jobs are not earnings) and how its tasks ended, from the day totals; and which job it is at.
 * @param wantsAllTime whether it is looked at what they earned in all
 */
export function useFleetFacts(wantsAllTime: () => boolean): ComputedRef<FleetFacts> {
  const data = useData()
  const isLarge = data.place === 'gateway'
  // Beside a server the days before today are summed there: a farm's month is more than a page holds.
  const rollups = useDocuments('rollups', () => ({ selector: { day: { $gte: utcDay(data.peerNow(), isLarge ? 0 : -29) } } }))
  const before = useSummary('fleet.totals', () =>
    isLarge ? { fromDay: utcDay(data.peerNow(), -29), toDay: utcDay(data.peerNow(), 0) } : null,
  )
  // After what is seen first. Where nobody may be asked, the days that are here are all there are.
  const allBefore = useSummary(
    'fleet.totals',
    () => (wantsAllTime() && (!isLarge || before.value !== null) ? { fromDay: firstDay, toDay: utcDay(data.peerNow(), 0) } : null),
    () => null,
    { slot: 'fleet.all', leastMs: allTimeMs },
  )
  const ownDays = useDocuments('rollups', () => (wantsAllTime() && !isLarge ? {} : null))
  const allTime = computed((): ReadonlyMap<string, bigint> | null => {
    if (allBefore.value !== null)
      return new Map(allBefore.value.nodes.map(({ nodeId, networkNetMicro }) => [nodeId, BigInt(networkNetMicro)]))
    if (isLarge || !ownDays.loaded) return null
    const today = utcDay(data.peerNow(), 0)
    const sums = new Map<string, bigint>()
    for (const { nodeId, day, networkNetMicro } of ownDays.documents)
      if (nodeId !== null && day < today) sums.set(nodeId, (sums.get(nodeId) ?? 0n) + BigInt(networkNetMicro))
    return sums
  })
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
    all: (id) => (allTime.value === null ? null : (allTime.value.get(id) ?? 0n) + (sums.value.byToday.get(id) ?? 0n)),
    outcome: (id) => sums.value.outcomes.get(id) ?? none,
    jobName: (row) => jobNames.value.get(row.node?.activeTaskIds[0] ?? '') ?? '',
  }))
}
