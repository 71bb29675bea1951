import type { Run, RunState } from '../collections/run.schema.ts'

/**
 * What a task may go through on its node.
 *
 *   queued ◄──► fetching ──► rendering ──► uploading ──► done
 *     │            │             │             │
 *     └────────────┴──── paused ◄┴─────────────┘      any ──► failed(cause), any ──► released (lease lost, given back)
 *
 * `fetching → queued`: its files are here and it waits for a slot. `rendering → queued`: the process died or was stopped and goes on
 * later at the next frame. `uploading → queued`: a kept picture was lost on disk and must be rendered again.
 */
export const runMoves: Record<RunState, readonly RunState[]> = {
  queued: ['fetching', 'rendering', 'uploading', 'paused', 'failed', 'released'],
  fetching: ['queued', 'rendering', 'paused', 'failed', 'released'],
  rendering: ['queued', 'uploading', 'paused', 'failed', 'released'],
  uploading: ['queued', 'done', 'paused', 'failed', 'released'],
  paused: ['queued', 'fetching', 'rendering', 'uploading', 'failed', 'released'],
  done: [],
  failed: [],
  released: [],
}

const activeRunStates = ['fetching', 'rendering', 'uploading'] as const satisfies readonly RunState[]

/** Nothing more will happen to the run. */
export const isEnded = (state: RunState): boolean => runMoves[state].length === 0

/** The node is busy with it right now. */
export const isActive = (state: RunState): boolean => (activeRunStates as readonly RunState[]).includes(state)

export const canMove = (from: RunState, to: RunState): boolean => runMoves[from].includes(to)

/**
 * The run in its new state, with `startedAt` at the first work and `finishedAt` at the end. The same state is no move.
 * Throws RangeError for a move that the table does not have: a defect of the caller.
 */
export function moveRun(run: Run, to: RunState, nowMs: number, change: Partial<Run> = {}): Run {
  if (run.state !== to && !canMove(run.state, to)) throw new RangeError(`a run cannot go from ${run.state} to ${to}`)
  const moved: Run = { ...run, ...change, state: to, updatedAt: nowMs }
  if (isActive(to) && moved.startedAt === undefined) moved.startedAt = nowMs
  if (isEnded(to) && moved.finishedAt === undefined) moved.finishedAt = nowMs
  return moved
}
