import type { DatabaseSync } from 'node:sqlite'
import { durations } from '#shared/durations.ts'
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

interface Idle {
  asker: Asker
  /** Times it was told since it asked last. */
  hints: number
  nextHintAtMs: number
}

/**
 * Tells idle connected nodes that there is work, on the live topic `work/<nodeId>`: they then ask. So a job starts at once although a
 * node that found nothing asks again only after a while. Live messages may be lost, so a hint is repeated until the node asks.
 */
export function createWakeIdle(parts: {
  database: DatabaseSync
  live: LiveHub
  clock: Clock
  isConnected(nodeId: string): boolean
}): WakeIdle {
  const { clock } = parts
  const idle = new Map<string, Idle>()
  let cancel: (() => void) | null = null
  let cancelRepeat: (() => void) | null = null

  function hint(nodeId: string, node: Idle): void {
    const { ownerId } = node.asker
    node.nextHintAtMs = clock.monotonicMs() + Math.min(durations.workHintRepeatMs * 2 ** node.hints, durations.workHintRepeatMaxMs)
    node.hints += 1
    parts.live.publish({ ownerId, nodeId, topic: workTopic(nodeId), value: { atMs: clock.now() } })
    cancelRepeat ??= clock.after(durations.workHintRepeatMs, repeat)
  }

  function tell(wanted: (node: Idle) => boolean): void {
    for (const [nodeId, node] of idle) {
      if (!parts.isConnected(nodeId)) idle.delete(nodeId)
      else if (wanted(node) && anythingFor(parts.database, node.asker)) hint(nodeId, node)
    }
  }

  function repeat(): void {
    cancelRepeat = null
    tell((node) => node.hints > 0 && node.nextHintAtMs <= clock.monotonicMs())
    // Nothing runs while nobody owes an answer.
    if ([...idle.values()].some(({ hints }) => hints > 0)) cancelRepeat ??= clock.after(durations.workHintRepeatMs, repeat)
  }

  return {
    note(asker, satisfied) {
      idle.delete(asker.nodeId)
      if (satisfied) return
      if (idle.size >= knownNodes) idle.delete(idle.keys().next().value ?? '')
      idle.set(asker.nodeId, { asker, hints: 0, nextHintAtMs: 0 })
    },
    poke() {
      if (idle.size === 0) return
      cancel ??= clock.after(gatherMs, () => {
        cancel = null
        tell(({ hints }) => hints === 0)
      })
    },
    stop() {
      cancel?.()
      cancelRepeat?.()
    },
  }
}
