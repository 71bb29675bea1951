import type { JsonValue } from '#shared/json.ts'

/** Stands for all nodes of an owner where the id of one would stand; no id looks like it. */
export const everyNode = '*'

interface LiveEvent {
  ownerId: string
  /** null: not of one node; only owners hear it. `everyNode`: all of them do. */
  nodeId: string | null
  topic: string
  value: JsonValue
}

/** Hot values in memory: what a node tells goes to whoever of the same owner watches. Nothing is kept. */
export interface LiveHub {
  publish(event: LiveEvent): void
  subscribe(listener: (event: LiveEvent) => void): () => void
  /** How many connections watch the topic now. */
  watchers(topic: string): number
  setWatched(topic: string, watched: boolean): void
  /** Called with a topic that gained its first or lost its last watcher. */
  onWatched(listener: (topic: string, watched: boolean) => void): () => void
}

export function createLiveHub(): LiveHub {
  const listeners = new Set<(event: LiveEvent) => void>()
  const watchListeners = new Set<(topic: string, watched: boolean) => void>()
  const counts = new Map<string, number>()
  return {
    publish(event) {
      for (const listener of listeners) listener(event)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    watchers: (topic) => counts.get(topic) ?? 0,
    setWatched(topic, watched) {
      const before = counts.get(topic) ?? 0
      const after = Math.max(0, before + (watched ? 1 : -1))
      if (after === 0) counts.delete(topic)
      else counts.set(topic, after)
      if (before > 0 === after > 0) return
      for (const listener of watchListeners) listener(topic, watched)
    },
    onWatched(listener) {
      watchListeners.add(listener)
      return () => watchListeners.delete(listener)
    },
  }
}
