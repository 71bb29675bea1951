import type { DatabaseSync } from 'node:sqlite'
import { durations } from '#shared/durations.ts'
import { appError } from '#shared/errors/appError.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { chunksWanted } from '#shared/rules/choice.ts'
import { leaseLengthMs } from '#shared/rules/lease.ts'
import { err, ok } from '#shared/result.ts'
import type { GatewayInput } from '#shared/api/gatewayCalls.ts'
import type { Worker } from '#shared/collections/worker.schema.ts'
import { openAttemptsOf } from '../acceptance/attemptProjector.ts'
import type { CallHandlers } from '../calls/callHandlers.ts'
import { openAttempt, type Chunk } from '../jobs/chunk.ts'
import { assign, closeAttempt } from '../jobs/chunkMoves.ts'
import { parseTaskId } from '../jobs/chunkIds.ts'
import { waitAtMost } from '../jobs/waitAtMost.ts'
import type { Settler } from '../ledger/settler.ts'
import type { DocumentStore, WriteRow } from '../store/documentStore.ts'
import { chooseNext, type Asker, type Choice } from './choose.ts'
import type { FrameTimes } from './frameTimes.ts'
import type { WakeIdle } from './wakeIdle.ts'

/** A task the node was given this long ago and does not hold, although it asks for work, never arrived there. */
const lostAfterMs = 30 * 60_000
/** Rounds of choosing again when other gateways were faster. */
const rounds = 3
const settleWaitMs = 5_000

/**
 * `work.request`: fills the node's buffer. Chunks are chosen by the index, given out by compare-and-swap on the chunk with the next fencing
 * token, and come to the node as task documents (their ids are in the answer). Errors: NOT_ALLOWED, BUSY.
 */
export function createWorkRequest(parts: {
  store: DocumentStore
  database: DatabaseSync
  settler: Settler
  frameTimes: FrameTimes
  wakeIdle: WakeIdle
  clock: Clock
  log: Logger
  nodesConnected(): number
}): NonNullable<CallHandlers['work.request']> {
  const { store, database, clock } = parts
  const taken = new Set<string>()
  const lengthMs = (choice: Choice): number => choice.frames * parts.frameTimes.expected(choice.jobOwnerId, choice.jobId)

  return async (session, input) => {
    if (session === 'operator' || session.nodeId === null) return err(appError('NOT_ALLOWED'))
    const { nodeId, ownerId } = session
    const now = clock.now()
    const worker = (await store.read(ownerId, 'workers', nodeId))?.document ?? null
    const asker: Asker = { nodeId, ownerId, capabilities: { ...input, bidMicroPerUnit: worker?.wanted.bidMicroPerUnit ?? null } }
    const held = await reconcile(nodeId, input.holding, now)
    if (isPaused(worker, now)) {
      // Not known there yet, or taken back there and not known here yet: either ends when the owner's wish arrives, and then it is told.
      parts.wakeIdle.note(asker, false)
      return ok({ taskIds: [], retryAfterMs: durations.workRequestMaxIntervalMs })
    }

    const taskIds = await fill(asker, input, held, now)
    const satisfied = taskIds.length > 0 || (held >= input.slots && input.heldMs >= input.bufferMs)
    parts.wakeIdle.note(asker, satisfied)
    // Idle nodes are woken by an event; asking is the fall-back, spread so that a thousand of them stay at 20 requests a second.
    const idleMs = Math.max(1_500, parts.nodesConnected() * 50)
    return ok({
      taskIds,
      retryAfterMs: Math.round(satisfied ? durations.workRequestIntervalMs : Math.min(idleMs, durations.workRequestMaxIntervalMs)),
    })
  }

  /** What the node has in hand by the server's books; what never reached it is given back. */
  async function reconcile(nodeId: string, holding: readonly string[], now: number): Promise<number> {
    const mine = openAttemptsOf(database, nodeId)
    const holds = new Set(holding)
    const lost = mine.filter(({ taskId, issuedAt }) => !holds.has(taskId) && now - issuedAt > lostAfterMs)
    for (const { taskId, chunkId } of lost) {
      parts.log.info('a task never reached its node and is given back', { taskId, nodeId })
      const token = parseTaskId(taskId)?.token ?? 0
      await store.updatePrivate<Chunk>('chunks', chunkId, (current) => current && closeAttempt(current, token, 'released', now))
      void parts.settler.settle(chunkId)
    }
    return mine.length - lost.length
  }

  async function fill(asker: Asker, input: GatewayInput<'work.request'>, held: number, now: number): Promise<string[]> {
    const given: string[] = []
    let heldMs = input.heldMs
    for (let round = 0; round < rounds; round += 1) {
      const choices = reserve(asker, input, held + given.length, heldMs, now)
      if (choices.length === 0) break
      try {
        const expiresAt = now + leaseLengthMs(Math.max(input.bufferMs, heldMs))
        const tasks = await give(asker, choices, now, expiresAt)
        given.push(...tasks)
        heldMs += choices.reduce((sum, choice) => sum + lengthMs(choice), 0)
        if (tasks.length === choices.length) break
      } finally {
        for (const { chunkId } of choices) taken.delete(chunkId)
      }
    }
    return given
  }

  /** Picks until the buffer is full. Synchronous, so two requests never pick the same chunk. */
  function reserve(asker: Asker, input: GatewayInput<'work.request'>, held: number, heldMs: number, now: number): Choice[] {
    const choices: Choice[] = []
    let filledMs = heldMs
    while (choices.length < 32) {
      const next = chooseNext(database, asker, now, taken)
      if (!next || chunksWanted(filledMs, input.bufferMs, input.slots, held + choices.length, lengthMs(next)) === 0) break
      taken.add(next.chunkId)
      choices.push(next)
      filledMs += lengthMs(next)
    }
    return choices
  }

  async function give(asker: Asker, choices: Choice[], now: number, expiresAt: number): Promise<string[]> {
    const rows: WriteRow<Chunk>[] = []
    for (const { chunkId } of choices) {
      const stored = await store.readPrivate<Chunk>('chunks', chunkId)
      const next = stored && assign(stored.document, { nodeId: asker.nodeId, nodeOwnerId: asker.ownerId }, now, expiresAt)
      if (stored && next) rows.push({ document: next, rev: stored.rev })
    }
    if (rows.length === 0) return []
    const outcomes = await store.writePrivate<Chunk>('chunks', rows)
    const written = rows.filter((_, index) => outcomes[index]?.written === true).map(({ document }) => document)
    // The task documents: what follows from the swap, repeated by the settler until it works. The node's answer does not wait for ever.
    await waitAtMost(clock, settleWaitMs, Promise.all(written.map((chunk) => parts.settler.settle(chunk.id))))
    return written.flatMap((chunk) => openAttempt(chunk)?.taskId ?? [])
  }
}

function isPaused(worker: Worker | null, now: number): boolean {
  if (!worker || worker.deletedAt !== undefined) return worker?.deletedAt !== undefined
  return worker.wanted.pause !== 'none' && (worker.wanted.pauseUntil === undefined || worker.wanted.pauseUntil > now)
}
