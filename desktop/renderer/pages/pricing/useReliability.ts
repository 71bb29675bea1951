import { computed } from 'vue'
import { reliabilityDays, reliabilityOf, reliableSince } from '#shared/rules/reliability.ts'
import { useData, useDocuments } from '../../data/dataLink.ts'

/** How reliable a worker is, by the same rule and the same days that the server chooses by. */
export function useReliability(nodeId: () => string) {
  const data = useData()
  const found = useDocuments('rollups', () => ({ selector: { nodeId: nodeId(), day: { $gte: reliableSince(data.peerNow()) } } }))
  return computed(() => {
    const outcomes = { completed: 0, atFault: 0 }
    for (const day of found.documents) {
      outcomes.completed += day.tasksCompleted
      outcomes.atFault += day.tasksAtFault ?? 0
    }
    return { ...outcomes, share: reliabilityOf(outcomes), days: reliabilityDays }
  })
}
