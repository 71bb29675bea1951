import type { Run } from '#shared/collections/run.schema.ts'
import { expect } from '@playwright/test'
import type { StoreContents } from './storeContents.ts'

/** Figures of one job, from the store alone. */
export interface JobFigures {
  accepted: number
  tasks: number
  ledgerEntries: number
  framesPaid: number
  /** Starts of each frame, over all runs. */
  renders: Record<string, number>
}

/**
 * The rules that hold after every job, whatever happened in between: each frame accepted exactly once; each task that had a frame accepted has
 * exactly one ledger entry, and together they pay each frame once; no attempt is left open; chunks, job state, tasks and ledger say the same.
 */
export function auditJob(store: StoreContents, jobId: string, frames: number): JobFigures {
  const wanted = Array.from({ length: frames }, (_, index) => String(index + 1))
  const chunks = store.chunks.filter((chunk) => chunk.jobId === jobId)
  const tasks = store.tasks.filter((task) => task.jobId === jobId)
  const ledger = store.earnings.filter((entry) => entry.jobId === jobId)
  const acceptances = chunks.flatMap((chunk) => Object.entries(chunk.accepted))

  expect(acceptances.map(([frame]) => frame).sort(byNumber), 'every frame is accepted, once').toEqual(wanted)
  expect(
    chunks.flatMap((chunk) => chunk.attempts.filter(({ state }) => state !== 'settled').map(({ taskId, state }) => `${taskId} ${state}`)),
    'no attempt is left unsettled',
  ).toEqual([])

  const payingTasks = [...new Set(acceptances.map(([, { taskId }]) => taskId))].sort()
  expect(ledger.map(({ taskId }) => taskId).sort(), 'one ledger entry per task with accepted frames').toEqual(payingTasks)
  for (const entry of ledger) {
    const paid = acceptances.filter(([, { taskId }]) => taskId === entry.taskId).length
    expect(entry.frames, `frames paid for ${entry.taskId}`).toBe(paid)
    expect(entry.netMicro).toBe(entry.grossMicro - entry.feeMicro)
    expect(entry.grossMicro).toBeGreaterThan(0)
  }
  const [state] = store.jobStates.filter(({ id }) => id === jobId)
  expect(state).toMatchObject({ state: 'done', accepted: frames, failed: 0, total: frames })
  expect(
    Object.values(state?.frames ?? {})
      .map((frame) => frame.sha256)
      .sort(),
    'the job’s pictures are the accepted ones',
  ).toEqual(acceptances.map(([, { sha256 }]) => sha256).sort())
  expect(
    tasks.filter((task) => task.state !== 'closed').map(({ id }) => id),
    'no task is left open',
  ).toEqual([])
  return {
    accepted: acceptances.length,
    tasks: tasks.length,
    ledgerEntries: ledger.length,
    framesPaid: ledger.reduce((sum, entry) => sum + entry.frames, 0),
    renders: rendersOf(store.runs, jobId),
  }
}

/** How often each frame of a job was started, over all its runs. */
export function rendersOf(runs: readonly Run[], jobId: string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const run of runs.filter((one) => one.jobId === jobId))
    for (const [frame, { renders }] of Object.entries(run.frames)) counts[frame] = (counts[frame] ?? 0) + renders
  return counts
}

const byNumber = (a: string, b: string) => Number(a) - Number(b)
