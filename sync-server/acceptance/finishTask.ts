import { appError } from '#shared/errors/appError.ts'
import type { Clock } from '#shared/log.ts'
import { leaseLengthMs } from '#shared/rules/lease.ts'
import { err, ok } from '#shared/result.ts'
import type { CallHandlers } from '../calls/callHandlers.ts'
import { attemptOf, type Chunk, type ClosedAs } from '../jobs/chunk.ts'
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
    const closedAs: ClosedAs = outcome === 'failed' ? 'failed' : 'released'
    const failure =
      outcome === 'failed'
        ? { error: plainError(error ?? appError('UNEXPECTED', { reason: 'the worker gave no reason' })), frames: failedFrames }
        : undefined
    const after = await store.updatePrivate<Chunk>(
      'chunks',
      chunkId,
      (current) => current && closeAttempt(current, attempt.token, closedAs, clock.now(), failure),
    )
    onChanged(chunkId)
    return ok({ closedAs: (after && attemptOf(after, attempt.token)?.closedAs) ?? closedAs })
  }
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
