import { shallowRef, type InjectionKey, type ShallowRef } from 'vue'

/** What failed inside the page itself, for the page that says so. */
export interface Problem {
  current: Readonly<ShallowRef<string | null>>
  note(error: unknown): void
  clear(): void
}
export const problemKey: InjectionKey<Problem> = Symbol('problem')

export function createProblem(): Problem {
  const current = shallowRef<string | null>(null)
  return {
    current,
    note(error) {
      current.value = error instanceof Error ? `${error.name}: ${error.message}\n${error.stack ?? ''}`.slice(0, 2_000) : String(error)
    },
    clear: () => (current.value = null),
  }
}
