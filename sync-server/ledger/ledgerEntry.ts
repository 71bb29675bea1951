import { earningId } from '#shared/ids.ts'
import type { Earning } from '#shared/collections/earning.schema.ts'
import { firstLedgerState, paymentFor } from '#shared/rules/settlement.ts'
import { framesOf, priceOf, type Attempt, type Chunk } from '../jobs/chunk.ts'
import type { JobBrief } from '../jobs/jobBriefs.ts'

/**
 * The entries that pay an attempt: one for the frames accepted until it was settled (id `task:kind`; none when there were none), and
 * one for each frame that came after that (id `task:correction-frame`). Computed from the chunk alone, so the same entry comes out of every
 * repetition and the store refuses the second.
 */
export function ledgerEntries(chunk: Chunk, attempt: Attempt, job: JobBrief): Earning[] {
  if (attempt.state !== 'payable' && attempt.state !== 'settled') return []
  const { paidTogether, late } = framesOf(chunk, attempt.token)
  const entry = (id: string, kind: Earning['kind'], frames: number, createdAt: number, reason?: string): Earning => ({
    id,
    ownerId: attempt.nodeOwnerId,
    updatedAt: createdAt,
    nodeId: attempt.nodeId,
    taskId: attempt.taskId,
    jobId: chunk.jobId,
    jobName: job.name,
    kind,
    ...paymentFor(frames, priceOf(chunk, attempt), chunk.feeBasisPoints),
    state: firstLedgerState(attempt.kind),
    createdAt,
    stateChangedAt: createdAt,
    /** Which of the two worlds a correction belongs to. */
    ledgerKind: attempt.kind,
    ...(reason === undefined ? {} : { reason }),
  })
  const settledAt = Math.max(attempt.closedAt ?? attempt.issuedAt, ...paidTogether.map(({ at }) => at))
  const together =
    paidTogether.length === 0 ? [] : [entry(earningId(attempt.taskId, attempt.kind), attempt.kind, paidTogether.length, settledAt)]
  const corrections = late.map(([frame, { at }]) =>
    entry(earningId(attempt.taskId, `correction-${frame}`), 'correction', 1, at, `Frame ${frame} came after the task was settled.`),
  )
  return [...together, ...corrections]
}
