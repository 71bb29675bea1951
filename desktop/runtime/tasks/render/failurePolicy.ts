import type { Run } from '#shared/collections/run.schema.ts'
import { errorTraits, type AppError } from '#shared/errors/appError.ts'

/** A frame that failed for a passing reason is tried this often again. */
const retriesPerFrame = 2

/** Codes that speak of the picture, not of Blender: rendering again is the remedy. */
const badPictures = new Set(['FRAME_MISSING', 'FRAME_NOT_AN_IMAGE', 'FRAME_TRUNCATED'])

export type FailureVerdict =
  /** The disk is full: wait for space, nothing is counted. */
  | 'hold'
  /** Render what is left again. */
  | 'retry'
  /** The task cannot be done here; its finished pictures are delivered all the same. */
  | 'give up'

/** What to do after a render failed. `failuresOfFrame` counts this one too. */
export function judgeFailure(error: AppError, failuresOfFrame: number): FailureVerdict {
  if (error.code === 'DISK_FULL') return 'hold'
  const passing = errorTraits(error.code).retry || badPictures.has(error.code)
  return passing && failuresOfFrame <= retriesPerFrame ? 'retry' : 'give up'
}

/** Counts failures per frame while the process lives; what is learnt over all tasks is in `avoid/`. */
export interface FailureCounts {
  ofFrame(run: Run, frame: number | null): number
  forget(runId: string): void
}

export function countFailures(): FailureCounts {
  const frames = new Map<string, number>()
  return {
    ofFrame(run, frame) {
      const key = `${run.id}/${frame ?? '-'}`
      const count = (frames.get(key) ?? 0) + 1
      frames.set(key, count)
      return count
    },
    forget(runId) {
      for (const key of frames.keys()) if (key.startsWith(`${runId}/`)) frames.delete(key)
    },
  }
}
