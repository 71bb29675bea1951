import { computed, inject, provide, type ComputedRef, type InjectionKey } from 'vue'
import type { Sight } from './rowPool.ts'

const sightKey: InjectionKey<ComputedRef<Sight | null>> = Symbol('sight')
const lookedAtKey: InjectionKey<ComputedRef<boolean>> = Symbol('looked at')

/** By a list, for its rows: the lines in sight; null while it moves. */
export function provideSight(sight: ComputedRef<Sight | null>): void {
  provide(sightKey, sight)
}

/** By a row of such a list, for what stands in it. */
export function provideLookedAt(index: () => number): void {
  const sight = inject(sightKey, null)
  if (sight === null) return
  provide(
    lookedAtKey,
    computed(() => sight.value !== null && index() >= sight.value.first && index() <= sight.value.last),
  )
}

/** Whether what stands here is in sight and stands still; outside of a list that moves it always is. */
export function useLookedAt(): () => boolean {
  const lookedAt = inject(lookedAtKey, null)
  return () => lookedAt?.value ?? true
}
