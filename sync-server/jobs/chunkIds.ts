import { createHash } from 'node:crypto'

/** More frames in one chunk would make the document that every accepted frame rewrites too large. */
const framesPerChunkLimit = 250
/** Leaves room for what is appended to a job's id elsewhere. */
export const jobIdLengthLimit = 80

/**
 * Ids are computed, never drawn: a crash in the middle of splitting or assigning repeats the same writes under the same ids.
 * Job ids are chosen by clients, so the owner is hashed in: two owners with the same job id never meet in one chunk.
 */
export function chunkIdOf(jobOwnerId: string, jobId: string, index: number): string {
  const hash = createHash('sha256').update(`${jobOwnerId}\n${jobId}`).digest('hex').slice(0, 24)
  return `c-${hash}.${String(index).padStart(6, '0')}`
}

export const taskIdOf = (chunkId: string, token: number): string => `t-${chunkId.slice(2)}.${token}`

/** Reads a task's id back into its chunk and token; null when it is not one of ours. */
export function parseTaskId(taskId: string): { chunkId: string; token: number } | null {
  const match = /^t-([0-9a-f]{24}\.\d{6})\.(\d{1,9})$/.exec(taskId)
  return match ? { chunkId: `c-${match[1]}`, token: Number(match[2]) } : null
}

export const chunkSizeOf = (job: { chunkSize: number }): number => Math.min(job.chunkSize, framesPerChunkLimit)
