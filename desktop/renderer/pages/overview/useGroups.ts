import { computed, type ComputedRef, type Ref } from 'vue'
import type { Split } from '../../charts/activity.ts'
import { useDocuments } from '../../data/dataLink.ts'

export interface Groups {
  /** Under which keys a worker counts. */
  of(nodeId: string, split: Split): readonly string[]
  name(key: string, split: Split): string
}

const noTag = ['']

/** Workers and their tags, for charts that are taken apart by them; looked up only while they are. */
export function useGroups(wanted: Readonly<Ref<boolean>>): ComputedRef<Groups> {
  const workers = useDocuments('workers', () => (wanted.value ? {} : null))
  return computed(() => {
    const byId = new Map(workers.documents.map((worker) => [worker.id, worker]))
    return {
      of(nodeId, split) {
        if (split === 'worker') return [nodeId]
        const tags = byId.get(nodeId)?.tags ?? []
        return tags.length === 0 ? noTag : tags
      },
      // A worker that was deleted keeps what it earned, under its id.
      name: (key, split) => (split === 'worker' ? (byId.get(key)?.name ?? key) : key),
    }
  })
}
