import type { Run } from '#shared/collections/run.schema.ts'

export interface FinishedFrame {
  jobId: string
  frame: number
  atMs: number | null
}

/** The frame that was finished last, by its own time; without one, the last frame of the newest run. */
export function lastFinished(runs: readonly Run[]): FinishedFrame | null {
  let last: FinishedFrame | null = null
  for (const run of runs)
    for (const [key, frame] of Object.entries(run.frames)) {
      if (frame.state !== 'finished' && frame.state !== 'delivered') continue
      const candidate = { jobId: run.jobId, frame: Number(key), atMs: frame.finishedAt ?? null }
      if (last === null || (candidate.atMs ?? 0) > (last.atMs ?? 0)) last = candidate
    }
  return last
}
