import { computed, type ComputedRef } from 'vue'
import type { StartingPart } from '#shared/api/shellCalls.ts'
import { useShell } from './shellLink.ts'

/** What the desktop app is still starting: its window is there before its processes. Empty when all are up, and in a browser. */
export function useStarting(): ComputedRef<readonly StartingPart[]> {
  const shell = useShell()
  return computed(() => shell?.state.value?.starting ?? [])
}
