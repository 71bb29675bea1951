import type { CollectionName, Documents } from '#shared/collections/collections.ts'
import type { Chunk } from '../jobs/chunk.ts'

/** How large the world is, and what it is drawn from: the same numbers make the same documents. */
export interface SeedPlan {
  workers: number
  /** Assignments, over all nodes and days. */
  tasks: number
  days: number
  seed: number
  /** The end of the history; what is under way began a few minutes before. */
  nowMs: number
  /** Whose farm it is. */
  ownerId: string
  /** Whose jobs the network brings. */
  customerId: string
}

/** One document on its way into the store. */
export type SeedRow = { [Name in CollectionName]: { collection: Name; document: Documents[Name] } }[CollectionName] | SeedChunk
export interface SeedChunk {
  collection: 'chunks'
  document: Chunk
}

export const minuteMs = 60_000
export const hourMs = 3_600_000
export const dayMs = 86_400_000
