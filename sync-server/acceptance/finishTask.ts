import { appError } from '#shared/errors/appError.ts'
import type { Clock } from '#shared/log.ts'
import { leaseLengthMs } from '#shared/rules/lease.ts'
import { err, ok } from '#shared/result.ts'
import type { CallHandlers } from '../calls/callHandlers.ts'
import { attemptOf, isSettledFrame, type Chunk, type ClosedAs, type ErrorData } from '../jobs/chunk.ts'
import { closeAttempt, renewAttempt } from '../jobs/chunkMoves.ts'
import type { DocumentStore } from '../store/documentStore.ts'
import { plainError } from './deliverFrame.ts'
import { findTask } from './taskAccess.ts'

interface Parts {
  store: DocumentStore
  clock: Clock
  onChanged: (chunkId: string) => void
}

/**
 * `task.finish`: the node is through with a task. "done" with frames still open gives those back. Repeating it answers the same.
 * Errors: TASK_NOT_FOUND, LEASE_LOST.
 */
export function createFinishTask({ store, clock, onChanged }: Parts): NonNullable<CallHandlers['task.finish']> {
  return async (session, { taskId, leaseToken, outcome, error, failedFrames }) => {
    const found = await findTask(store, session, taskId, leaseToken)
    if (!found.ok) return found
    const { chunkId, attempt } = found.value
    const told =
      outcome === 'failed'
        ? { error: plainError(error ?? appError('UNEXPECTED', { reason: 'the worker gave no reason' })), frames: failedFrames }
        : undefined
    let closedAs: ClosedAs = 'released'
    const after = await store.updatePrivate<Chunk>('chunks', chunkId, (current) => {
      if (!current) return null
      const failure = told ?? (outcome === 'done' ? rejection(current, attempt.token) : undefined)
      closedAs = failure === undefined ? 'released' : 'failed'
      return closeAttempt(current, attempt.token, closedAs, clock.now(), failure)
    })
    onChanged(chunkId)
    return ok({ closedAs: (after && attemptOf(after, attempt.token)?.closedAs) ?? closedAs })
  }
}

/**
 * A node that says "done" while pictures of it were not taken has failed these frames: given back as if nothing had been, they would go round
 * for ever where each try comes out the same.
 */
function rejection(chunk: Chunk, token: number): { error: ErrorData; frames: number[] } | undefined {
  const rejected = Object.entries(attemptOf(chunk, token)?.refused ?? {}).filter(
    ([frame, { verdict }]) => verdict === 'rejected' && !isSettledFrame(chunk, Number(frame)),
  )
  const first = rejected[0]
  return first && { error: first[1].error, frames: rejected.map(([frame]) => Number(frame)) }
}

/** `lease.renew`: as long as the attempt is open. Errors: TASK_NOT_FOUND, LEASE_LOST. */
export function createRenewLease({ store, clock, onChanged }: Parts): NonNullable<CallHandlers['lease.renew']> {
  return async (session, { taskId, leaseToken }) => {
    const found = await findTask(store, session, taskId, leaseToken)
    if (!found.ok) return found
    const { chunkId, attempt } = found.value
    const now = clock.now()
    const after = await store.updatePrivate<Chunk>(
      'chunks',
      chunkId,
      (current) => current && renewAttempt(current, attempt.token, now + leaseLengthMs(0), now),
    )
    const current = after && attemptOf(after, attempt.token)
    if (current?.state !== 'open') return err(appError('LEASE_LOST'))
    if (current.expiresAt !== attempt.expiresAt) onChanged(chunkId)
    return ok({ expiresAt: current.expiresAt })
  }
}
