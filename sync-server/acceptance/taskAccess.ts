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
  const found = session === 'operator' ? null : await findAttempt(store, session, taskId)
  if (found === null) return err(appError('TASK_NOT_FOUND', { taskId }))
  if (leaseToken !== found.attempt.token) return err(appError('LEASE_LOST'))
  return ok(found)
}

/**
 * The attempt behind a task id, if it is this node's. A node takes "there is none" for final, so that is only said after the store itself was asked:
 * the gateway that gave the task out may be another one, a moment ago.
 */
export async function findAttempt(
  store: DocumentStore,
  node: { nodeId: string | null; ownerId: string },
  taskId: string,
): Promise<TaskAccess | null> {
  const where = parseTaskId(taskId)
  if (where === null || node.nodeId === null) return null
  const { chunkId, token } = where
  const known = attemptIn((await store.readPrivate<Chunk>('chunks', chunkId))?.document, token)
  const found = known ?? attemptIn((await store.latestPrivate<Chunk>('chunks', chunkId))?.document, token)
  return found?.attempt.nodeId === node.nodeId && found.attempt.nodeOwnerId === node.ownerId ? { chunkId, ...found } : null
}

function attemptIn(chunk: Chunk | undefined, token: number): Omit<TaskAccess, 'chunkId'> | null {
  const attempt = chunk && attemptOf(chunk, token)
  return chunk && attempt ? { chunk, attempt } : null
}
