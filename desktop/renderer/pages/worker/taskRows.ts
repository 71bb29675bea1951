import type { Earning } from '#shared/collections/earning.schema.ts'
import type { Run } from '#shared/collections/run.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import { programNames } from '#shared/words/programs.ts'

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
  /** What all of its frames cost whoever submitted them, at the price that was fixed when it was given out. */
  costMicro: bigint
  /** What renders it, as far as it is known: the program that ran, else what the task asks for. */
  software: string
  startedAt: number | null
  /** When the worker was through with it, or the server closed it; null: neither yet. */
  endedAt: number | null
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
      costMicro: BigInt(task.quote.microPerFrame) * BigInt(task.frames.length),
      software: softwareOf(task, run),
      startedAt: run?.startedAt ?? null,
      endedAt: run?.finishedAt ?? task.closedAt ?? null,
      accepted: Object.values(task.verdicts).filter((verdict) => verdict.verdict === 'accepted').length,
      stateKey: task.closedAs ? `taskClosed.${task.closedAs}` : `runState.${run?.state ?? 'queued'}`,
    }
  })
}

function softwareOf(task: Task, run: Run | null): string {
  if (task.kind === 'upscale') return run?.engine?.replace(/^onnxruntime\b/, programNames['upscale'] ?? '') ?? programNames['upscale'] ?? ''
  return `${programNames['blender'] ?? ''} ${run?.blenderVersion ?? task.info.blenderVersion}`.trim()
}

export const taskSorts = ['job', 'kind', 'state', 'frames', 'time', 'cost', 'gross', 'fee', 'net', 'when', 'started', 'ended'] as const
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
export const wholeHistory: TaskView = { search: '', stateKey: '', from: '', to: '', sort: 'started', descending: true }

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/** The tasks that are shown, in order; both ends of the days are inside. */
export function viewTasks(rows: readonly TaskRow[], view: TaskView): TaskRow[] {
  const terms = view.search.toLowerCase().split(/\s+/).filter(Boolean)
  const fromMs = view.from === '' ? -Infinity : new Date(`${view.from}T00:00`).getTime()
  const toMs = view.to === '' ? Infinity : nextDay(view.to)
  const direction = view.descending ? -1 : 1
  return rows
    .filter(
      ({ id, task, stateKey, software }) =>
        task.createdAt >= fromMs &&
        task.createdAt < toMs &&
        (view.stateKey === '' || stateKey === view.stateKey) &&
        terms.every((term) => `${task.jobName}\n${id}\n${software}`.toLowerCase().includes(term)),
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
    case 'kind':
      return collator.compare(`${a.task.kind} ${a.software}`, `${b.task.kind} ${b.software}`)
    case 'state':
      return collator.compare(a.stateKey, b.stateKey)
    case 'frames':
      return a.accepted - b.accepted
    case 'time':
      return a.renderMs - b.renderMs
    case 'cost':
      return a.costMicro < b.costMicro ? -1 : a.costMicro > b.costMicro ? 1 : 0
    case 'gross':
      return (a.grossMicro ?? -1) - (b.grossMicro ?? -1)
    case 'fee':
      return (a.feeMicro ?? -1) - (b.feeMicro ?? -1)
    case 'net':
      return (a.netMicro ?? -1) - (b.netMicro ?? -1)
    case 'when':
      return a.task.createdAt - b.task.createdAt
    // One that was never begun stands where it was given out.
    case 'started':
      return (a.startedAt ?? a.task.createdAt) - (b.startedAt ?? b.task.createdAt)
    // What still goes on is newer than all that ended.
    case 'ended':
      return (a.endedAt ?? Number.MAX_SAFE_INTEGER) - (b.endedAt ?? Number.MAX_SAFE_INTEGER)
  }
}
