import type { Run, RunFrame } from '#shared/collections/run.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import { appError, type AppError } from '#shared/errors/appError.ts'
import { isEnded } from '#shared/rules/runState.ts'
import type { PauseKind } from '../pause.ts'

/**
 * What the runner does for a task at this moment. `lastFrame`: its render ends with the frame in progress;
 * `suspended`: its Blender is stopped in place and keeps its memory.
 */
export type Activity = 'none' | 'fetching' | 'rendering' | 'lastFrame' | 'suspended' | 'stopping' | 'finishing'

export interface TaskView {
  task: Task
  run: Run | null
  activity: Activity
  /** All its files are in the cache. */
  fetched: boolean
  /** A transfer or a render failed for a passing reason; not before then again. */
  notBeforeMs: number
}

export interface Snapshot {
  /** In order of age. */
  tasks: readonly TaskView[]
  pause: PauseKind
  /** The disk is full, too hot, …: nothing is begun and what runs is suspended. */
  held: boolean
  /** No work of the network is done here now, and what there is goes back. Own work goes on. */
  blocked?: AppError | null
  /** Jobs that failed here repeatedly: what was not begun of them goes back. */
  avoidedJobs?: ReadonlySet<string>
  /** At the latest, so that a lease is never thought longer than it is. */
  serverNowMs: number
  /** The server has said its time since the start. Until then no task is given back for its lease, because this computer's clock may be wrong. */
  serverTimeKnown: boolean
  renderSlots: number
  fetchSlots: number
}

export type Action =
  | { do: 'take'; taskId: string }
  | { do: 'fetch'; taskId: string }
  | { do: 'render'; taskId: string }
  | { do: 'suspend'; taskId: string }
  /** Goes on after a suspension, or past the frame that was to be its last. */
  | { do: 'resume'; taskId: string }
  /** Ends the render; frames that are kept stay. `soon`: when the frame in progress is saved. */
  | { do: 'stop'; taskId: string; when: 'now' | 'afterFrame' }
  /** Nothing of it is left to render; its pictures are still on their way. */
  | { do: 'upload'; taskId: string }
  | { do: 'finish'; taskId: string; outcome: 'done' | 'failed' | 'released'; error: AppError | null }

/**
 * Decides what to do next, from facts alone. Called after everything that happens; the same facts give the same actions,
 * and an action that was begun shows in `activity`.
 */
export function plan(snapshot: Snapshot): Action[] {
  const actions: Action[] = []
  const free = {
    render: snapshot.renderSlots - count(snapshot, 'rendering', 'lastFrame', 'suspended', 'stopping'),
    fetch: snapshot.fetchSlots - count(snapshot, 'fetching'),
  }
  for (const view of [...snapshot.tasks].sort(byStart)) {
    const action = next(view, snapshot, free)
    if (action === null) continue
    if (action.do === 'render') free.render -= 1
    if (action.do === 'fetch') free.fetch -= 1
    actions.push(action)
  }
  return actions
}

const count = (snapshot: Snapshot, ...activities: Activity[]) =>
  snapshot.tasks.filter(({ activity }) => activities.includes(activity)).length

/** Begun work first, then the older. */
const byStart = (a: TaskView, b: TaskView) =>
  Number(begun(b)) - Number(begun(a)) || a.task.createdAt - b.task.createdAt || (a.task.id < b.task.id ? -1 : 1)
const begun = ({ run }: TaskView) => run !== null && Object.values(run.frames).some(({ renders }) => renders > 0)

function next(view: TaskView, snapshot: Snapshot, free: { render: number; fetch: number }): Action | null {
  const { task, run, activity } = view
  const taskId = task.id
  const gone = lossOf(task, run, snapshot)
  const blocked = task.quote.kind === 'network' && task.state === 'assigned' ? (snapshot.blocked ?? null) : null
  const isAvoided = task.state === 'assigned' && activity === 'none' && !begun(view) && snapshot.avoidedJobs?.has(task.jobId) === true
  const lost = gone ?? blocked ?? (isAvoided ? appError('JOB_AVOIDED') : null)
  // Taken also while blocked: only a run can give the task back.
  if (run === null) return gone === null && activity === 'none' ? { do: 'take', taskId } : null
  if (isEnded(run.state) || activity === 'finishing' || activity === 'stopping') return null
  if (lost !== null || run.error !== undefined) return windUp(view, lost, snapshot)
  if (isRender(activity)) return steer(view, snapshot)
  if (activity === 'fetching') return null
  if (!hasFrames(run, 'queued', 'rendering')) return windUp(view, null, snapshot)
  // Whether its lease is over is not known: neither begun nor given back.
  if (snapshot.serverNowMs >= task.lease.expiresAt) return null
  if (snapshot.held || view.notBeforeMs > snapshot.serverNowMs || !mayBegin(view, snapshot.pause)) return null
  if (!view.fetched) return free.fetch > 0 ? { do: 'fetch', taskId } : null
  return free.render > 0 ? { do: 'render', taskId } : null
}

/** Why the right to work on it is gone, or null. */
function lossOf(task: Task, run: Run | null, { serverNowMs, serverTimeKnown }: Snapshot): AppError | null {
  if (task.deletedAt !== undefined || task.closedAs === 'cancelled') return appError('CANCELLED')
  if (task.state === 'assigned') return serverTimeKnown && serverNowMs >= task.lease.expiresAt ? appError('LEASE_LOST') : null
  // Completed without us where a copy of the task was faster.
  const settled = task.closedAs === 'completed' && run !== null && !hasFrames(run, 'queued', 'rendering')
  return settled ? null : appError('LEASE_LOST')
}

const hasFrames = (run: Run, ...states: RunFrame['state'][]) => Object.values(run.frames).some(({ state }) => states.includes(state))

function mayBegin(view: TaskView, pause: PauseKind): boolean {
  if (pause === 'none' || pause === 'drain') return true
  return pause === 'afterTask' && begun(view)
}

function steer({ task, activity }: TaskView, { pause, held }: Snapshot): Action | null {
  const taskId = task.id
  if (held || pause === 'now') return activity === 'suspended' ? null : { do: 'suspend', taskId }
  if (activity === 'suspended') return { do: 'resume', taskId }
  if (pause === 'afterFrame') return activity === 'lastFrame' ? null : { do: 'stop', taskId, when: 'afterFrame' }
  return activity === 'lastFrame' ? { do: 'resume', taskId } : null
}

/** No more rendering for it: stop what runs, bring the finished pictures home, then tell the server. */
function windUp({ task, run, activity, notBeforeMs }: TaskView, lost: AppError | null, snapshot: Snapshot): Action | null {
  const taskId = task.id
  if (run === null) return null
  if (isRender(activity) || activity === 'fetching') return { do: 'stop', taskId, when: 'now' }
  if (hasFrames(run, 'finished')) return run.state === 'uploading' ? null : { do: 'upload', taskId }
  if (run.state !== 'uploading' && run.error === undefined && lost === null) return { do: 'upload', taskId }
  if (notBeforeMs > snapshot.serverNowMs) return null
  const error = run.error === undefined ? null : (run.error as AppError)
  if (error !== null) return { do: 'finish', taskId, outcome: 'failed', error }
  if (lost !== null) return { do: 'finish', taskId, outcome: 'released', error: lost }
  return { do: 'finish', taskId, outcome: 'done', error: null }
}

const isRender = (activity: Activity) => activity === 'rendering' || activity === 'lastFrame' || activity === 'suspended'
