import { computed, type ComputedRef } from 'vue'
import { useData } from '../data/dataLink.ts'
import { useStarting } from '../shell/useStarting.ts'

/**
 * True when the peer cannot be reached and the page has never had anything of it: there is nothing to show, and it should say so. Not while the node is
 * just being started: the page stands then with its places empty, so that nothing jumps when they are filled.
 */
export function useNothingToShow(): ComputedRef<boolean> {
  const data = useData()
  const starting = useStarting()
  return computed(() => {
    const { name } = data.connection.value
    return data.lists.value === null && !starting.value.includes('runtime') && (name === 'offline' || name === 'refused')
  })
}
