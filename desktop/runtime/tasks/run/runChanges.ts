import type { z } from 'zod'
import type { errorFieldSchema } from '#shared/collections/common.ts'
import type { Run, RunFrame } from '#shared/collections/run.schema.ts'
import type { Task, Verdict } from '#shared/collections/task.schema.ts'
import { appError, type AppError } from '#shared/errors/appError.ts'

/** An error as documents hold it: plain data that may carry more than we know. */
export const errorField = (error: AppError): z.infer<typeof errorFieldSchema> => ({ ...error })

/** Pure changes of a run's document; each returns a new one. Times are the node's estimate of server time. */

export function newRun(task: Task, nowMs: number): Run {
  const frames = task.frames.map((frame): [string, RunFrame] => [String(frame), { state: 'queued', renders: 0 }])
  return {
    id: task.id,
    ownerId: task.ownerId,
    updatedAt: nowMs,
    nodeId: task.nodeId,
    jobId: task.jobId,
    leaseToken: task.lease.token,
    state: 'queued',
    createdAt: nowMs,
    frames: Object.fromEntries(frames),
    warnings: [],
  }
}

function changeFrame(run: Run, frame: number, nowMs: number, change: (before: RunFrame) => RunFrame): Run {
  const before = run.frames[String(frame)]
  if (before === undefined) throw new RangeError(`run ${run.id} has no frame ${frame}`)
  return { ...run, updatedAt: nowMs, frames: { ...run.frames, [String(frame)]: change(before) } }
}

/**
 * Counted before Blender begins the frame, so that a crash in the middle is counted too. Only a frame that waits can begin: Blender's own
 * output and our script's are two streams, and what one says late must not undo a frame that is kept or delivered.
 */
export const frameStarted = (run: Run, frame: number, nowMs: number): Run =>
  run.frames[String(frame)]?.state === 'queued'
    ? changeFrame(run, frame, nowMs, ({ renders }) => ({ state: 'rendering', renders: renders + 1, startedAt: nowMs }))
    : run

export interface KeptFrame {
  sha256: string
  sizeBytes: number
  format: string
  width: number
  height: number
  renderMs: number
}

/** Verified and durably kept. */
export const frameKept = (run: Run, frame: number, kept: KeptFrame, nowMs: number): Run =>
  changeFrame(run, frame, nowMs, ({ renders, startedAt }) => ({
    state: 'finished',
    renders,
    ...(startedAt === undefined ? {} : { startedAt }),
    finishedAt: nowMs,
    ...kept,
  }))

/** Its picture was found on the disk: rendered before, although nothing says so any more. */
export const frameRescued = (run: Run, frame: number, kept: KeptFrame, nowMs: number): Run =>
  changeFrame(run, frame, nowMs, ({ renders }) => ({ state: 'finished', renders: Math.max(1, renders), finishedAt: nowMs, ...kept }))

export const frameFailed = (run: Run, frame: number, error: AppError, nowMs: number): Run =>
  changeFrame(run, frame, nowMs, (before) => ({ ...before, state: 'failed', error: errorField(error) }))

/** Back to be rendered: it was cut, its picture was bad, or the kept file is gone. `renders` stays. */
export const frameQueuedAgain = (run: Run, frame: number, nowMs: number, error?: AppError): Run =>
  changeFrame(run, frame, nowMs, ({ renders }) => ({
    state: 'queued',
    renders,
    ...(error === undefined ? {} : { error: errorField(error) }),
  }))

/** The server's answer; what it did not accept keeps the reason. */
export function frameDelivered(run: Run, frame: number, verdict: Verdict, nowMs: number): Run {
  return changeFrame(run, frame, nowMs, ({ error: _before, ...kept }) => ({ ...kept, state: 'delivered', ...refusalOf(frame, verdict) }))
}

function refusalOf(frame: number, verdict: Verdict): { error?: Verdict['error'] } {
  if (verdict.error !== undefined) return { error: verdict.error }
  return verdict.verdict === 'superseded' ? { error: errorField(appError('FRAME_SUPERSEDED', { frame })) } : {}
}

/** After a start or a stopped render: what was in progress waits again. */
export function withoutFramesInProgress(run: Run, nowMs: number): Run {
  return framesIn(run, 'rendering').reduce((before, frame) => frameQueuedAgain(before, frame, nowMs), run)
}

/** Frame numbers in a state, ascending. */
export const framesIn = (run: Run, ...states: RunFrame['state'][]): number[] =>
  Object.entries(run.frames)
    .filter(([, frame]) => states.includes(frame.state))
    .map(([frame]) => Number(frame))
    .sort((a, b) => a - b)

const warningsLimit = 100
export function withWarning(run: Run, warning: AppError, nowMs: number): Run {
  const known = run.warnings.some((one) => one.code === warning.code && one.message === warning.message)
  if (known || run.warnings.length >= warningsLimit) return run
  return { ...run, updatedAt: nowMs, warnings: [...run.warnings, errorField(warning)] }
}
