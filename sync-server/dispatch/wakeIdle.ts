import type { DatabaseSync } from 'node:sqlite'
import { durations } from '#shared/durations.ts'
import { workTopic } from '#shared/sync/live.ts'
import { canRender, paysEnough } from '#shared/rules/choice.ts'
import { headStartMs, mustWait, standingOf } from '#shared/rules/standing.ts'
import type { Clock } from '#shared/log.ts'
import type { LiveHub } from '../sync/liveHub.ts'
import { anythingFor, waitingBeside, type Asker, type Choice } from './choose.ts'

const gatherMs = 100
const knownNodes = 20_000

/** A node that wants work, with what its standing among others is made of. */
export interface Contender extends Asker {
  /** 0..1 */
  reliability: number
  /** Bounded. */
  score: number
}

export interface WakeIdle {
  /** A node asked for work: it is idle when it did not get what it wanted. */
  note(contender: Contender, satisfied: boolean): void
  /** Must it leave this chunk to nodes of a better standing that were told of work a moment ago and have not asked yet? */
  mustWait(contender: Contender, choice: Choice): boolean
  /** Chunks may have become available; with `copies`, also for a second time. */
  poke(what?: { copies: boolean }): void
  stop(): void
}

interface Idle {
  contender: Contender
  /** Times it was told since it asked last. */
  hints: number
  nextHintAtMs: number
}

/**
 * Tells idle connected nodes that there is work, on the live topic `work/<nodeId>`: they then ask. So a job starts at once although a
 * node that found nothing asks again only after a while. Live messages may be lost, so a hint is repeated until the node asks. Who was just
 * told has a head start over those of a lesser standing.
 */
export function createWakeIdle(parts: {
  database: DatabaseSync
  live: LiveHub
  clock: Clock
  isConnected(nodeId: string): boolean
  averageMicroPerUnit(): number
  copyFor(asker: Asker): boolean
}): WakeIdle {
  const { database, clock } = parts
  const idle = new Map<string, Idle>()
  /** When those that were told for the first time were told, the oldest first. */
  const told = new Map<string, number>()
  let cancel: (() => void) | null = null
  let cancelRepeat: (() => void) | null = null
  let forCopies = false

  function hint(nodeId: string, node: Idle): void {
    const { ownerId } = node.contender
    if (node.hints === 0) told.set(nodeId, clock.monotonicMs())
    node.nextHintAtMs = clock.monotonicMs() + Math.min(durations.workHintRepeatMs * 2 ** node.hints, durations.workHintRepeatMaxMs)
    node.hints += 1
    parts.live.publish({ ownerId, nodeId, topic: workTopic(nodeId), value: { atMs: clock.now() } })
    cancelRepeat ??= clock.after(durations.workHintRepeatMs, repeat)
  }

  function tell(wanted: (node: Idle) => boolean, withCopies: boolean): void {
    for (const [nodeId, node] of idle) {
      if (!parts.isConnected(nodeId)) idle.delete(nodeId)
      else if (wanted(node) && (anythingFor(database, node.contender) || (withCopies && parts.copyFor(node.contender)))) hint(nodeId, node)
    }
  }

  function repeat(): void {
    cancelRepeat = null
    tell((node) => node.hints > 0 && node.nextHintAtMs <= clock.monotonicMs(), true)
    // Nothing runs while nobody owes an answer.
    if ([...idle.values()].some(({ hints }) => hints > 0)) cancelRepeat ??= clock.after(durations.workHintRepeatMs, repeat)
  }

  function stands({ reliability, score, capabilities, ownerId }: Contender, choice: Choice): number {
    const { bidMicroPerUnit } = capabilities
    return standingOf({ reliability, score, bidMicroPerUnit }, parts.averageMicroPerUnit(), ownerId === choice.jobOwnerId)
  }

  /** Who was told so shortly ago that it has a head start. */
  function ahead(): Contender[] {
    for (const [nodeId, atMs] of told) {
      if (clock.monotonicMs() - atMs < headStartMs) break
      told.delete(nodeId)
    }
    return [...told.keys()].flatMap((nodeId) => idle.get(nodeId)?.contender ?? [])
  }

  return {
    note(contender, satisfied) {
      idle.delete(contender.nodeId)
      told.delete(contender.nodeId)
      if (satisfied) return
      if (idle.size >= knownNodes) idle.delete(idle.keys().next().value ?? '')
      idle.set(contender.nodeId, { contender, hints: 0, nextHintAtMs: 0 })
    },
    mustWait(contender, choice) {
      const others = ahead().filter(({ nodeId }) => nodeId !== contender.nodeId)
      const beside = others.length === 0 ? null : waitingBeside(database, choice.chunkId, others.length + 1)
      if (beside === null) return false
      const mine = stands(contender, choice)
      const better = others.filter(
        (other) =>
          canRender(beside.wanted, other.capabilities) &&
          (other.ownerId === choice.jobOwnerId || paysEnough(beside.wanted, other.capabilities)) &&
          stands(other, choice) > mine,
      )
      return mustWait(better.length, beside.count)
    },
    poke(what) {
      if (idle.size === 0) return
      forCopies ||= what?.copies === true
      cancel ??= clock.after(gatherMs, () => {
        cancel = null
        tell(({ hints }) => hints === 0, forCopies)
        forCopies = false
      })
    },
    stop() {
      cancel?.()
      cancelRepeat?.()
    },
  }
}
