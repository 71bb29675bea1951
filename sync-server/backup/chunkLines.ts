import type { Chunk } from '../jobs/chunk.ts'

/** Another gateway's clock, and what it wrote that this one has not heard of yet. */
const marginMs = 3_600_000

/**
 * Chunks decide what is paid, and the other documents follow from them, so they are saved last. What was settled while the backup went on may
 * have its ledger entry in no database that was saved before: those attempts are saved as not settled, and the restored server writes what is
 * missing (an entry that is there is not written again). Chunks of a job that was submitted after the jobs were saved are left out: it comes back
 * as if it had never been split.
 */
export function createChunkLines(startedAtMs: number, unsettledTaskIds: ReadonlySet<string>) {
  const jobs = new Set<string>()
  return {
    addJob: (ownerId: string, jobId: string): void => void jobs.add(`${ownerId}\n${jobId}`),
    /** The chunk's line; null: it is left out. */
    lineOf(body: string): string | null {
      // Safe: the database holds nothing but chunks.
      const chunk = JSON.parse(body) as Chunk
      if (!jobs.has(`${chunk.jobOwnerId}\n${chunk.jobId}`)) return null
      let changed = false
      const attempts = chunk.attempts.map((attempt) => {
        const wasSettledBefore = attempt.changedAt < startedAtMs - marginMs && !unsettledTaskIds.has(attempt.taskId)
        if (attempt.state !== 'settled' || wasSettledBefore) return attempt
        changed = true
        return { ...attempt, state: 'payable' as const }
      })
      return changed ? JSON.stringify({ ...chunk, attempts }) : body
    },
  }
}
