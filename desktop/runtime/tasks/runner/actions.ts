import type { Run } from '#shared/collections/run.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import { isEnded } from '#shared/rules/runState.ts'
import type { Action } from '../plan/plan.ts'
import { rescueFrames } from '../rescue/rescueFrames.ts'
import { newRun } from '../run/runChanges.ts'
import { filesOf } from '../fetch/jobFolder.ts'
import type { RunnerContext, TaskEntry } from '../taskRunner.ts'
import { move } from './move.ts'
import { fetchTask } from './fetchTask.ts'
import { finishTask } from './finishTask.ts'
import { renderTask } from './renderAction.ts'

/** Begins an action. `activity` is set before the first wait, so that the next turn sees it. */
export async function perform(context: RunnerContext, action: Action): Promise<void> {
  const entry = context.entries.get(action.taskId)
  if (entry === undefined) return
  switch (action.do) {
    case 'take':
      return take(context, entry)
    case 'fetch':
      return fetchTask(context, entry)
    case 'render':
      return renderTask(context, entry)
    case 'suspend':
      return suspend(context, entry)
    case 'resume':
      return resume(context, entry)
    case 'stop':
      return stop(entry, action.when)
    case 'upload':
      return move(context, entry, 'uploading')
    case 'finish':
      return finishTask(context, entry, action)
  }
}

/**
 * Begins a run, once: a task that is through here may show up as assigned again, while the server's word that it is closed is still on its
 * way (or was not here before a restart). Its run stands, and a new one in its place would render and pay nothing but lose what it says.
 */
async function take(context: RunnerContext, entry: TaskEntry): Promise<void> {
  entry.activity = 'finishing'
  try {
    const { id } = entry.task
    const before = await context.runs.get(id)
    if (context.ended.has(id) || (before !== null && isEnded(before.state))) {
      if (before !== null && isForgotten(context, before)) return await deliverAgain(context, entry.task)
      context.entries.delete(id)
      return
    }
    if (before !== null) return await context.journal.add(before)
    const known = await Promise.all(filesOf(entry.task).map((file) => context.cache.has(file)))
    entry.fetched = known.every(Boolean)
    await context.journal.add(newRun(entry.task, context.serverClock.now()))
  } finally {
    entry.activity = 'none'
  }
}

/** Done before the server was put back from a backup: it knows nothing of that, and gives the task out under the same id. */
const isForgotten = ({ restoredAtMs }: RunnerContext, { state, updatedAt }: Run): boolean =>
  state === 'done' && updatedAt < (restoredAtMs() ?? 0)

/** A run anew, with the pictures that are kept; what is not kept any more is rendered again. */
async function deliverAgain(context: RunnerContext, task: Task): Promise<void> {
  const { results, verify, log, serverClock, journal, ended } = context
  const nowMs = serverClock.now()
  const { run, found } = await rescueFrames(newRun(task, nowMs), task, { results, verify, nowMs, log })
  log.info('the server was restored to before this task was done; it is delivered again', { taskId: task.id, found })
  ended.delete(task.id)
  await journal.add(run)
}

async function suspend(context: RunnerContext, entry: TaskEntry): Promise<void> {
  entry.activity = 'suspended'
  entry.render?.suspend()
  await move(context, entry, 'paused')
}

async function resume(context: RunnerContext, entry: TaskEntry): Promise<void> {
  entry.activity = 'rendering'
  entry.render?.resume()
  await move(context, entry, 'rendering')
}

async function stop(entry: TaskEntry, when: 'now' | 'afterFrame'): Promise<void> {
  entry.activity = when === 'now' ? 'stopping' : 'lastFrame'
  entry.cancelFetch?.abort()
  entry.render?.stop(when)
  await Promise.resolve()
}
