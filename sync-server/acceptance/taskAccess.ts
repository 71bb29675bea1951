import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import type { CallSession } from '../calls/callHandlers.ts'
import { attemptOf, type Attempt, type Chunk } from '../jobs/chunk.ts'
import { parseTaskId } from '../jobs/chunkIds.ts'
import type { DocumentStore } from '../store/documentStore.ts'

export interface TaskAccess {
  chunkId: string
  chunk: Chunk
  attempt: Attempt
}

/**
 * The attempt behind a task id, if it is this node's and the fencing token is its own.
 * Errors: TASK_NOT_FOUND (none, or another node's: the same answer), LEASE_LOST (the token of another attempt).
 */
export async function findTask(
  store: DocumentStore,
  session: CallSession,
  taskId: string,
  leaseToken: number,
): Promise<Result<TaskAccess>> {
  const where = parseTaskId(taskId)
  const chunk = where && (await store.readPrivate<Chunk>('chunks', where.chunkId))?.document
  const attempt = chunk ? attemptOf(chunk, where.token) : undefined
  if (
    !where ||
    !chunk ||
    !attempt ||
    session === 'operator' ||
    session.nodeId !== attempt.nodeId ||
    session.ownerId !== attempt.nodeOwnerId
  )
    return err(appError('TASK_NOT_FOUND', { taskId }))
  if (leaseToken !== attempt.token) return err(appError('LEASE_LOST'))
  return ok({ chunkId: where.chunkId, chunk, attempt })
}
