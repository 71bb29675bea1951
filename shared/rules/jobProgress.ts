import type { Job, JobState } from '../collections/job.schema.ts'

export interface JobCounts {
  total: number
  accepted: number
  failed: number
  /** Frames in the hands of a node. */
  assigned: number
}

/**
 * The state of a job from its counts. `cancelled` and `failed` (a scene that cannot be taken) are decided before there are counts.
 *
 *   waitingForFiles ─► queued ─► rendering ─► done | failed        any ─► paused ─► back        any ─► cancelled
 */
export function jobStateOf(wanted: Job['wanted'], counts: JobCounts): JobState['state'] {
  const settled = counts.accepted + counts.failed
  if (settled >= counts.total) return counts.failed > 0 ? 'failed' : 'done'
  if (wanted === 'cancelled') return 'cancelled'
  if (wanted === 'paused' && counts.assigned === 0) return 'paused'
  return counts.assigned > 0 || counts.accepted > 0 ? 'rendering' : 'queued'
}

/** Nothing more happens to a job by itself; the creator may still retry or cancel. */
export const isJobSettled = (state: JobState['state']): boolean => state === 'done' || state === 'failed' || state === 'cancelled'
