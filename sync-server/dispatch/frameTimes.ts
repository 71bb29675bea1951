import { unknownFrameMs } from '#shared/rules/choice.ts'

const kept = 2_000

export interface FrameTimes {
  add(jobOwnerId: string, jobId: string, renderMs: number): void
  /** Milliseconds one frame of this job probably takes. */
  expected(jobOwnerId: string, jobId: string): number
}

/** How long frames of a job took lately, for filling buffers by time. Memory only: after a restart it is learnt again. */
export function createFrameTimes(): FrameTimes {
  const means = new Map<string, number>()
  return {
    add(jobOwnerId, jobId, renderMs) {
      const key = `${jobOwnerId}\n${jobId}`
      const before = means.get(key)
      means.delete(key)
      if (means.size >= kept) means.delete(means.keys().next().value ?? '')
      means.set(key, before === undefined ? renderMs : before * 0.8 + renderMs * 0.2)
    },
    expected: (jobOwnerId, jobId) => means.get(`${jobOwnerId}\n${jobId}`) ?? unknownFrameMs,
  }
}
