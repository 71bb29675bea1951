import type { DatabaseSync } from 'node:sqlite'
import { workTopic } from '#shared/sync/live.ts'
import type { Clock } from '#shared/log.ts'
import type { LiveHub } from '../sync/liveHub.ts'
import { anythingFor, type Asker } from './choose.ts'

const gatherMs = 100
const knownNodes = 20_000

export interface WakeIdle {
  /** A node asked for work: it is idle when it did not get what it wanted. */
  note(asker: Asker, satisfied: boolean): void
  /** Chunks may have become available. */
  poke(): void
  stop(): void
}

/**
 * Tells idle connected nodes that there is work, on the live topic `work/<nodeId>`: they then ask. So a job starts at once although a
 * node that found nothing asks again only after a while.
 */
export function createWakeIdle(parts: {
  database: DatabaseSync
  live: LiveHub
  clock: Clock
  isConnected(nodeId: string): boolean
}): WakeIdle {
  const idle = new Map<string, Asker>()
  let cancel: (() => void) | null = null

  function wake(): void {
    cancel = null
    for (const [nodeId, asker] of idle) {
      if (!parts.isConnected(nodeId)) idle.delete(nodeId)
      else if (anythingFor(parts.database, asker)) {
        idle.delete(nodeId)
        parts.live.publish({ ownerId: asker.ownerId, nodeId, topic: workTopic(nodeId), value: { atMs: parts.clock.now() } })
      }
    }
  }

  return {
    note(asker, satisfied) {
      idle.delete(asker.nodeId)
      if (satisfied) return
      if (idle.size >= knownNodes) idle.delete(idle.keys().next().value ?? '')
      idle.set(asker.nodeId, asker)
    },
    poke() {
      if (idle.size > 0) cancel ??= parts.clock.after(gatherMs, wake)
    },
    stop: () => cancel?.(),
  }
}
