import type { DatabaseSync } from 'node:sqlite'
import { durations } from '#shared/durations.ts'
import { appError } from '#shared/errors/appError.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { chunksWanted } from '#shared/rules/choice.ts'
import { leaseLengthMs } from '#shared/rules/lease.ts'
import { headStartMs } from '#shared/rules/standing.ts'
import { err, ok } from '#shared/result.ts'
import type { GatewayInput } from '#shared/api/gatewayCalls.ts'
import type { Worker } from '#shared/collections/worker.schema.ts'
import { openAttemptsOf } from '../acceptance/attemptProjector.ts'
import type { CallHandlers } from '../calls/callHandlers.ts'
import { attemptOf, type Chunk } from '../jobs/chunk.ts'
import { assign, assignCopy, closeAttempt } from '../jobs/chunkMoves.ts'
import { parseTaskId } from '../jobs/chunkIds.ts'
import { waitAtMost } from '../jobs/waitAtMost.ts'
import type { Settler } from '../ledger/settler.ts'
import type { DocumentStore, WriteRow } from '../store/documentStore.ts'
import { scoresOf, type Pricing } from '../pricing/pricing.ts'
import { chooseCopy } from './chooseCopy.ts'
import { chooseNext, type Choice } from './choose.ts'
import type { FrameTimes } from './frameTimes.ts'
import type { Contender, WakeIdle } from './wakeIdle.ts'

/** A task the node was given this long ago and does not hold, although it asks for work, never arrived there. */
const lostAfterMs = 30 * 60_000
/** Rounds of choosing again when other gateways were faster. */
const rounds = 3
const settleWaitMs = 5_000

interface Asking {
  contender: Contender
  /** What its render times are weighed with. */
  measureScore: number
}
interface Reserved {
  choices: Choice[]
  isCopy: boolean
  /** Something would have fitted, but others go first for a moment. */
  othersFirst: boolean
}

/**
 * `work.request`: fills the node's buffer. Chunks are chosen by the index, given out by compare-and-swap on the chunk with the next fencing
 * token, and come to the node as task documents (their ids are in the answer). A node that has nothing else to do is given copies near the end of
 * a job. Errors: NOT_ALLOWED, BUSY.
 */
export function createWorkRequest(parts: {
  store: DocumentStore
  database: DatabaseSync
  settler: Settler
  frameTimes: FrameTimes
  wakeIdle: WakeIdle
  pricing: Pricing
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
    const scores = scoresOf((await store.read(ownerId, 'nodes', nodeId))?.document ?? null)
    const contender: Contender = {
      ...{ nodeId, ownerId, score: scores.whole, reliability: parts.pricing.reliabilityOf(nodeId) },
      avoidJobs: input.avoidJobs ?? [],
      capabilities: { ...input, bidMicroPerUnit: worker?.wanted.bidMicroPerUnit ?? null },
    }
    const held = await reconcile(nodeId, input.holding, now)
    if (isPaused(worker, now)) {
      // Not known there yet, or taken back there and not known here yet: either ends when the owner's wish arrives, and then it is told.
      parts.wakeIdle.note(contender, false)
      return ok({ taskIds: [], retryAfterMs: durations.workRequestMaxIntervalMs })
    }

    const { taskIds, othersFirst } = await fill({ contender, measureScore: scores.slowest }, input, held, now)
    const satisfied = taskIds.length > 0 || (held >= input.slots && input.heldMs >= input.bufferMs)
    parts.wakeIdle.note(contender, satisfied)
    if (othersFirst && taskIds.length === 0) return ok({ taskIds, retryAfterMs: headStartMs })
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

  async function fill(
    asking: Asking,
    input: GatewayInput<'work.request'>,
    held: number,
    now: number,
  ): Promise<{ taskIds: string[]; othersFirst: boolean }> {
    const given: string[] = []
    let othersFirst = false
    let heldMs = input.heldMs
    for (let round = 0; round < rounds; round += 1) {
      const reserved = reserve(asking, input, held + given.length, heldMs, now)
      const { choices } = reserved
      othersFirst = reserved.othersFirst
      if (choices.length === 0) break
      try {
        const expiresAt = now + leaseLengthMs(Math.max(input.bufferMs, heldMs))
        const tasks = await give(asking, reserved, now, expiresAt)
        given.push(...tasks)
        heldMs += choices.reduce((sum, choice) => sum + lengthMs(choice), 0)
        if (tasks.length === choices.length) break
      } finally {
        for (const { chunkId } of choices) taken.delete(chunkId)
      }
    }
    return { taskIds: given, othersFirst }
  }

  /** Picks until the buffer is full. Synchronous, so two requests never pick the same chunk. */
  function reserve({ contender }: Asking, input: GatewayInput<'work.request'>, held: number, heldMs: number, now: number): Reserved {
    const choices: Choice[] = []
    let filledMs = heldMs
    while (choices.length < 32) {
      const next = chooseNext(database, contender, now, taken)
      if (!next) break
      if (chunksWanted(filledMs, input.bufferMs, input.slots, held + choices.length, lengthMs(next)) === 0) break
      if (parts.wakeIdle.mustWait(contender, next)) return { choices, isCopy: false, othersFirst: true }
      taken.add(next.chunkId)
      choices.push(next)
      filledMs += lengthMs(next)
    }
    if (choices.length > 0 || held > 0) return { choices, isCopy: false, othersFirst: false }
    while (choices.length < input.slots) {
      const copy = chooseCopy(database, contender, now, parts.frameTimes, taken)
      if (!copy) break
      taken.add(copy.chunkId)
      choices.push(copy)
    }
    return { choices, isCopy: true, othersFirst: false }
  }

  async function give(
    { contender, measureScore }: Asking,
    { choices, isCopy }: Reserved,
    now: number,
    expiresAt: number,
  ): Promise<string[]> {
    const rows: WriteRow<Chunk>[] = []
    const { nodeId, ownerId: nodeOwnerId, capabilities } = contender
    const { bidMicroPerUnit } = capabilities
    for (const { chunkId } of choices) {
      const stored = await store.readPrivate<Chunk>('chunks', chunkId)
      const terms = stored && parts.pricing.termsFor(stored.document, { nodeOwnerId, bidMicroPerUnit, score: measureScore })
      const next =
        stored && (isCopy ? assignCopy : assign)(stored.document, { nodeId, nodeOwnerId, ...(terms && { terms }) }, now, expiresAt)
      if (stored && next) rows.push({ document: next, rev: stored.rev })
    }
    if (rows.length === 0) return []
    const outcomes = await store.writePrivate<Chunk>('chunks', rows)
    const written = rows.filter((_, index) => outcomes[index]?.written === true).map(({ document }) => document)
    // The task documents: what follows from the swap, repeated by the settler until it works. The node's answer does not wait for ever.
    await waitAtMost(clock, settleWaitMs, Promise.all(written.map((chunk) => parts.settler.settle(chunk.id))))
    // The one that was just made: a copy stands beside another's.
    return written.flatMap((chunk) => attemptOf(chunk, chunk.attempt)?.taskId ?? [])
  }
}

function isPaused(worker: Worker | null, now: number): boolean {
  if (!worker || worker.deletedAt !== undefined) return worker?.deletedAt !== undefined
  return worker.wanted.pause !== 'none' && (worker.wanted.pauseUntil === undefined || worker.wanted.pauseUntil > now)
}
