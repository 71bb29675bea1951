import { computed, type ComputedRef } from 'vue'
import { useData } from '../data/dataLink.ts'

/** True when the peer cannot be reached and the page has never had anything of it: there is nothing to show, and it should say so. */
export function useNothingToShow(): ComputedRef<boolean> {
  const data = useData()
  return computed(() => {
    const { name } = data.connection.value
    return data.lists.value === null && (name === 'offline' || name === 'refused')
  })
}
