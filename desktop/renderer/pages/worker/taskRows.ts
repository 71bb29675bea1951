import type { Earning } from '#shared/collections/earning.schema.ts'
import type { Run } from '#shared/collections/run.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'

/** A task of a worker: as the server settled it, and as the worker says what happened. */
export interface TaskRow {
  id: string
  task: Task
  run: Run | null
  /** Sums of the ledger entries of the task; null while there are none. */
  grossMicro: number | null
  feeMicro: number | null
  netMicro: number | null
  renderMs: number
  accepted: number
  /** Word of its state: `taskClosed.…` or `runState.…`. */
  stateKey: string
}

export function taskRows(tasks: readonly Task[], runs: readonly Run[], earnings: readonly Earning[]): TaskRow[] {
  const runById = new Map(runs.map((run) => [run.id, run]))
  const paid = new Map<string, { gross: number; fee: number; net: number }>()
  for (const entry of earnings) {
    if (entry.state === 'reversed') continue
    const { gross, fee, net } = paid.get(entry.taskId) ?? { gross: 0, fee: 0, net: 0 }
    paid.set(entry.taskId, { gross: gross + entry.grossMicro, fee: fee + entry.feeMicro, net: net + entry.netMicro })
  }
  return tasks.map((task) => {
    const run = runById.get(task.id) ?? null
    const sums = paid.get(task.id)
    return {
      id: task.id,
      task,
      run,
      grossMicro: sums?.gross ?? null,
      feeMicro: sums?.fee ?? null,
      netMicro: sums?.net ?? null,
      renderMs: Object.values(run?.frames ?? {}).reduce(
        (sum, frame) => sum + (frame.state === 'finished' || frame.state === 'delivered' ? (frame.renderMs ?? 0) : 0),
        0,
      ),
      accepted: Object.values(task.verdicts).filter((verdict) => verdict.verdict === 'accepted').length,
      stateKey: task.closedAs ? `taskClosed.${task.closedAs}` : `runState.${run?.state ?? 'queued'}`,
    }
  })
}

export const taskSorts = ['job', 'state', 'frames', 'time', 'gross', 'fee', 'net', 'when'] as const
export type TaskSort = (typeof taskSorts)[number]
export interface TaskView {
  search: string
  stateKey: string
  /** `YYYY-MM-DD` in the user's zone; empty = open. */
  from: string
  to: string
  sort: TaskSort
  descending: boolean
}
export const wholeHistory: TaskView = { search: '', stateKey: '', from: '', to: '', sort: 'when', descending: true }

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/** The tasks that are shown, in order; both ends of the days are inside. */
export function viewTasks(rows: readonly TaskRow[], view: TaskView): TaskRow[] {
  const terms = view.search.toLowerCase().split(/\s+/).filter(Boolean)
  const fromMs = view.from === '' ? -Infinity : new Date(`${view.from}T00:00`).getTime()
  const toMs = view.to === '' ? Infinity : nextDay(view.to)
  const direction = view.descending ? -1 : 1
  return rows
    .filter(
      ({ id, task, stateKey }) =>
        task.createdAt >= fromMs &&
        task.createdAt < toMs &&
        (view.stateKey === '' || stateKey === view.stateKey) &&
        terms.every((term) => `${task.jobName}\n${id}`.toLowerCase().includes(term)),
    )
    .sort((a, b) => direction * compare(a, b, view.sort) || b.task.createdAt - a.task.createdAt)
}

function nextDay(day: string): number {
  const date = new Date(`${day}T00:00`)
  date.setDate(date.getDate() + 1)
  return date.getTime()
}

function compare(a: TaskRow, b: TaskRow, sort: TaskSort): number {
  switch (sort) {
    case 'job':
      return collator.compare(a.task.jobName, b.task.jobName)
    case 'state':
      return collator.compare(a.stateKey, b.stateKey)
    case 'frames':
      return a.accepted - b.accepted
    case 'time':
      return a.renderMs - b.renderMs
    case 'gross':
      return (a.grossMicro ?? -1) - (b.grossMicro ?? -1)
    case 'fee':
      return (a.feeMicro ?? -1) - (b.feeMicro ?? -1)
    case 'net':
      return (a.netMicro ?? -1) - (b.netMicro ?? -1)
    case 'when':
      return a.task.createdAt - b.task.createdAt
  }
}
