import type { DatabaseSync } from 'node:sqlite'
import type { Clock, Logger } from '#shared/log.ts'
import { toAppError } from '#shared/errors/appError.ts'
import { attemptOf, type Chunk } from '../jobs/chunk.ts'
import { closeAttempt } from '../jobs/chunkMoves.ts'
import { parseTaskId } from '../jobs/chunkIds.ts'
import type { DocumentStore } from '../store/documentStore.ts'
import { overdueAttempts } from './attemptProjector.ts'

const perSweep = 500

/**
 * Ends leases that are over, in server time, found by an index. Frames that come later are still taken while they are open; what changes is
 * that others may be asked for them.
 * @returns how many ended
 */
export async function sweepLeases(parts: {
  store: DocumentStore
  database: DatabaseSync
  clock: Clock
  log: Logger
  onExpired(chunk: Chunk, taskId: string): void
}): Promise<number> {
  let ended = 0
  for (const { taskId, chunkId } of overdueAttempts(parts.database, parts.clock.now(), perSweep)) {
    const token = parseTaskId(taskId)?.token ?? 0
    try {
      let expired = false
      const after = await parts.store.updatePrivate<Chunk>('chunks', chunkId, (current) => {
        const attempt = current && attemptOf(current, token)
        // It may have been renewed since the index was read.
        if (!current || attempt?.state !== 'open' || attempt.expiresAt > parts.clock.now()) return null
        const next = closeAttempt(current, token, 'expired', parts.clock.now())
        expired = next !== null
        return next
      })
      if (after && expired) {
        ended += 1
        parts.onExpired(after, taskId)
      }
    } catch (thrown) {
      parts.log.warn('a lease could not be ended and is tried again', { taskId, reason: toAppError(thrown).message })
    }
  }
  return ended
}
