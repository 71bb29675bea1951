import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { WorkerStatus } from '#shared/rules/status.ts'
import type { FleetSort } from './fleet.ts'

/** How the user looks at the list of workers; kept while they walk through the pages. */
export const useWorkersView = defineStore('workersView', () => {
  const search = ref('')
  const status = ref<WorkerStatus | null>(null)
  const sort = ref<FleetSort>('name')
  const descending = ref(false)
  function sortBy(key: FleetSort): void {
    if (sort.value === key) descending.value = !descending.value
    else {
      sort.value = key
      descending.value = key === 'today' || key === 'total' || key === 'update'
    }
  }
  function reset(): void {
    search.value = ''
    status.value = null
  }
  return { search, status, sort, descending, sortBy, reset }
})
