import type { CollectionName } from '../collections/collections.ts'
import type { JsonObject } from '../json.ts'

/** Which documents of a collection that grows for ever a dashboard holds: the newest, and whatever is still going on. */
export interface CollectionWindow {
  /** By which documents are new or old; null: it has none. */
  timeOf(document: JsonObject): number | null
  newest: number
  /** Held however old it is. */
  isOpen(document: JsonObject): boolean
}

const never = (): boolean => false
const field =
  (name: string) =>
  (document: JsonObject): number | null => {
    const value = document[name]
    return typeof value === 'number' ? value : null
  }
const runStatesOver: readonly unknown[] = ['done', 'failed', 'released']
const jobStatesOver: readonly unknown[] = ['done', 'failed', 'cancelled']

/**
 * What a dashboard pulls of a farm with a million tasks; a collection that is not named here is held whole. Older documents come page by page
 * when somebody looks at them (`documents.page`). Totals come from day totals and never from these documents.
 */
export const dashboardWindows: { readonly [Name in CollectionName]?: CollectionWindow } = {
  tasks: { timeOf: field('createdAt'), newest: 3_000, isOpen: ({ state }) => state === 'assigned' },
  runs: { timeOf: field('createdAt'), newest: 3_000, isOpen: ({ state }) => !runStatesOver.includes(state) },
  earnings: { timeOf: field('createdAt'), newest: 3_000, isOpen: never },
  jobs: { timeOf: field('createdAt'), newest: 500, isOpen: ({ wanted }) => wanted === 'paused' },
  jobStates: { timeOf: field('updatedAt'), newest: 100, isOpen: ({ state }) => !jobStatesOver.includes(state) },
  notices: { timeOf: field('at'), newest: 1_000, isOpen: never },
  // The owner's own days are few, and all of them are held.
  rollups: {
    timeOf: ({ day }) => (typeof day === 'string' ? Date.parse(day) : null),
    newest: 6_000,
    isOpen: ({ nodeId }) => nodeId === null,
  },
}
