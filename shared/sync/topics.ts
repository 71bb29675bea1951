import type { JsonValue } from '../json.ts'

/** Who on this side listens to which live topic. The first listener of a topic and the last are told to the peer. */
export function createTopics(tellPeer: (topic: string, on: boolean) => void) {
  const listeners = new Map<string, Set<(value: JsonValue) => void>>()
  return {
    /** Returns its own unsubscribe. */
    watch(topic: string, listener: (value: JsonValue) => void): () => void {
      // Each call counts for itself, also with the same function twice.
      const own = (value: JsonValue) => listener(value)
      const known = listeners.get(topic)
      if (known === undefined) {
        listeners.set(topic, new Set([own]))
        tellPeer(topic, true)
      } else known.add(own)
      return () => {
        const set = listeners.get(topic)
        if (set === undefined || !set.delete(own) || set.size > 0) return
        listeners.delete(topic)
        tellPeer(topic, false)
      }
    },
    emit(topic: string, value: JsonValue): void {
      for (const listener of [...(listeners.get(topic) ?? [])]) listener(value)
    },
    names: () => [...listeners.keys()],
  }
}
