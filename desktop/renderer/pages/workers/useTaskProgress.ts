import { computed, toValue, type ComputedRef, type MaybeRefOrGetter } from 'vue'
import { useDocument } from '../../data/dataLink.ts'
import { settleMs, useLiveNode } from '../../data/useLive.ts'
import { useSettled } from '../../data/useSettled.ts'
import { useLookedAt } from '../../ui/lookedAt.ts'
import type { FleetRow } from './fleet.ts'
import { progressOfRun, type TaskProgress } from './taskProgress.ts'

/**
 * How far the current task of a worker is: from the live channel while values arrive, else from what its run says.
 * Only rows that are looked at, at work and stay for a moment listen and ask: each question is a query that lives on for a while.
 */
export function useTaskProgress(row: MaybeRefOrGetter<FleetRow>): ComputedRef<TaskProgress | null> {
  const taskId = computed(() => {
    const value = toValue(row)
    return value.status.status === 'processing' ? (value.node?.activeTaskIds[0] ?? null) : null
  })
  const asked = useSettled(taskId, settleMs, useLookedAt())
  const live = useLiveNode(() => (asked.value === null ? null : toValue(row).id))
  const run = useDocument('runs', asked)
  const task = useDocument('tasks', asked)
  return computed(() => {
    if (taskId.value === null) return null
    const hot = live.value?.tasks.find((entry) => entry.taskId === taskId.value)
    if (hot) return { ...hot, framesTotal: Math.max(hot.framesTotal, 1), phase: hot.phase ?? null, live: true }
    return progressOfRun(run.document, task.document)
  })
}
