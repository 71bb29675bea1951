import type { Earning } from '#shared/collections/earning.schema.ts'
import type { Run } from '#shared/collections/run.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import type { ShownError } from '../../words/useErrorText.ts'

/** One thing that happened to a task. The words are found by its kind. */
export type TaskEvent = { at: number } & (
  | { kind: 'assigned' | 'begun' | 'finished' }
  | { kind: 'rendered'; frame: number; renderMs: number }
  | { kind: 'renderFailed' | 'rejected' | 'superseded'; frame: number; error: ShownError | null }
  | { kind: 'accepted'; frame: number }
  | { kind: 'failed'; error: ShownError }
  | { kind: 'closed'; closedAs: NonNullable<Task['closedAs']> }
  | { kind: 'booked'; netMicro: number }
)

/** What stands first where the clock is the same. */
const order: readonly TaskEvent['kind'][] = [
  'assigned',
  'begun',
  'rendered',
  'renderFailed',
  'accepted',
  'rejected',
  'superseded',
  'failed',
  'finished',
  'closed',
  'booked',
]

/** What is known of a task's way, oldest first: from the server's document, the worker's run and the ledger. What has no time is left out. */
export function taskEvents(task: Task, run: Run | null, earnings: readonly Earning[]): TaskEvent[] {
  const events: TaskEvent[] = [{ at: task.createdAt, kind: 'assigned' }]
  if (run?.startedAt !== undefined) events.push({ at: run.startedAt, kind: 'begun' })
  for (const [key, frame] of Object.entries(run?.frames ?? {})) {
    if (frame.finishedAt === undefined) continue
    const at = frame.finishedAt
    if (frame.state === 'failed') events.push({ at, kind: 'renderFailed', frame: Number(key), error: frame.error ?? null })
    else events.push({ at, kind: 'rendered', frame: Number(key), renderMs: frame.renderMs ?? 0 })
  }
  for (const [key, { verdict, at, error }] of Object.entries(task.verdicts)) {
    if (at === undefined) continue
    if (verdict === 'accepted') events.push({ at, kind: 'accepted', frame: Number(key) })
    else if (verdict !== 'open') events.push({ at, kind: verdict, frame: Number(key), error: error ?? null })
  }
  if (run?.finishedAt !== undefined)
    events.push(run.error ? { at: run.finishedAt, kind: 'failed', error: run.error } : { at: run.finishedAt, kind: 'finished' })
  if (task.closedAt !== undefined && task.closedAs !== undefined)
    events.push({ at: task.closedAt, kind: 'closed', closedAs: task.closedAs })
  for (const entry of earnings) events.push({ at: entry.createdAt, kind: 'booked', netMicro: entry.netMicro })
  return events.sort((a, b) => a.at - b.at || order.indexOf(a.kind) - order.indexOf(b.kind))
}
