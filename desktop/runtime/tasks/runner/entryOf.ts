import type { Task } from '#shared/collections/task.schema.ts'
import type { TaskEntry } from '../taskRunner.ts'

/** A task with nothing done about it yet. */
export const entryOf = (task: Task): TaskEntry => ({
  task,
  activity: 'none',
  fetched: false,
  notBeforeMs: 0,
  fetchFailures: 0,
  finishFailures: 0,
  render: null,
  device: null,
  progress: null,
  cancelFetch: null,
})
