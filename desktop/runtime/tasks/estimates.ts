import type { Run } from '#shared/collections/run.schema.ts'
import { framesIn } from './run/runChanges.ts'

/** Until something was rendered, a frame is taken to need this long: a buffer filled too little asks again soon. */
const unknownFrameMs = 60_000
const weight = 0.3
const jobsRemembered = 500

/** How long frames take here, learnt from those that were kept: per job, or over all jobs for a new one. */
export interface Estimates {
  frameMs(jobId: string): number
  learn(jobId: string, renderMs: number): void
  /** Estimated work left in these runs. */
  heldMs(runs: readonly Run[]): number
}

export function createEstimates(): Estimates {
  const jobs = new Map<string, number>()
  let overall: number | null = null
  const blend = (before: number | null | undefined, value: number) => (before == null ? value : before * (1 - weight) + value * weight)
  const frameMs = (jobId: string) => jobs.get(jobId) ?? overall ?? unknownFrameMs
  return {
    frameMs,
    learn(jobId, renderMs) {
      overall = blend(overall, renderMs)
      const next = blend(jobs.get(jobId), renderMs)
      jobs.delete(jobId)
      jobs.set(jobId, next)
      const oldest = jobs.keys().next()
      if (jobs.size > jobsRemembered && oldest.done !== true) jobs.delete(oldest.value)
    },
    heldMs: (runs) => runs.reduce((sum, run) => sum + framesIn(run, 'queued', 'rendering').length * frameMs(run.jobId), 0),
  }
}
