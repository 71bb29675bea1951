import type { Run } from '#shared/collections/run.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import type { LiveTask } from '#shared/sync/live.ts'
import type { RenderProgress } from '../engines/engine.ts'
import { renderPhase } from '../engines/output/renderPhase.ts'
import { framesIn } from './run/runChanges.ts'

export interface LiveTaskInput {
  task: Task
  run: Run
  state: LiveTask['state']
  progress: RenderProgress | null
  /** When the frame in progress began and now, both server time. */
  frameStartedAtMs: number | null
  nowMs: number
  /** Expected for one frame. */
  frameMs: number
}

/** The hot values of a task: how far, how long still. Pure. */
export function liveTask({ task, run, state, progress, frameStartedAtMs, nowMs, frameMs }: LiveTaskInput): LiveTask {
  const framesTotal = task.frames.length
  const framesDone = framesIn(run, 'finished', 'delivered', 'failed').length
  const frameFraction =
    progress?.fraction ?? (progress === null || frameStartedAtMs === null ? null : guess(nowMs - frameStartedAtMs, frameMs))
  const fraction = framesTotal === 0 ? 0 : Math.min(1, (framesDone + (frameFraction ?? 0)) / framesTotal)
  const framesAfter = Math.max(0, framesTotal - framesDone - (progress === null ? 0 : 1))
  const ofThisFrame = progress === null ? 0 : (progress.remainingMs ?? (1 - (frameFraction ?? 0)) * frameMs)
  return {
    taskId: task.id,
    jobId: task.jobId,
    jobName: task.jobName,
    state,
    frame: progress?.frame ?? null,
    framesDone,
    framesTotal,
    fraction,
    frameFraction,
    elapsedMs: run.startedAt === undefined ? 0 : Math.max(0, nowMs - run.startedAt),
    remainingMs: state === 'rendering' ? Math.round(ofThisFrame + framesAfter * frameMs) : null,
    sample: progress?.sample ?? null,
    samples: progress?.samples ?? null,
    memoryMiB: progress?.memMiB ?? null,
    phase: renderPhase(progress?.status),
  }
}

/** Where the engine does not say how far it is: by the clock, but never quite done. */
const guess = (elapsedMs: number, frameMs: number) => Math.min(0.95, Math.max(0, elapsedMs) / Math.max(1, frameMs))
