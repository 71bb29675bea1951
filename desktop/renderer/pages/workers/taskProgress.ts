import type { Run } from '#shared/collections/run.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import type { LiveTask } from '#shared/sync/live.ts'

export interface TaskProgress {
  taskId: string
  jobId: string
  jobName: string
  /** 0..1 of the whole task. */
  fraction: number
  frame: number | null
  framesDone: number
  framesTotal: number
  elapsedMs: number | null
  remainingMs: number | null
  sample: number | null
  samples: number | null
  /** Of the frame in progress, 0..1. */
  frameFraction: number | null
  /** null: known from documents only. */
  state: LiveTask['state'] | null
  phase: NonNullable<LiveTask['phase']> | null
  /** From the live channel; otherwise from documents, which are up to a minute old. */
  live: boolean
}

/** What the documents say of a task at work: whole frames only. */
export function progressOfRun(run: Run | null, task: Task | null): TaskProgress | null {
  if (!run) return null
  const frames = Object.entries(run.frames)
  const total = Math.max(task?.frames.length ?? frames.length, 1)
  const done = frames.filter(([, frame]) => frame.state === 'finished' || frame.state === 'delivered').length
  const rendering = frames.find(([, frame]) => frame.state === 'rendering')
  return {
    taskId: run.id,
    jobId: run.jobId,
    jobName: task?.jobName ?? '',
    fraction: Math.min(done / total, 1),
    frame: rendering ? Number(rendering[0]) : null,
    framesDone: done,
    framesTotal: total,
    elapsedMs: null,
    remainingMs: null,
    sample: null,
    samples: null,
    frameFraction: null,
    state: null,
    phase: null,
    live: false,
  }
}
