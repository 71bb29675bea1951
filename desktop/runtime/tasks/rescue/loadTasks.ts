import type { Run } from '#shared/collections/run.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import { moveRun } from '#shared/rules/runState.ts'
import { newRun, withoutFramesInProgress } from '../run/runChanges.ts'
import { entryOf } from '../runner/entryOf.ts'
import type { RunnerContext } from '../taskRunner.ts'
import { rescueFrames } from './rescueFrames.ts'

/**
 * Takes up what this node has in hand: tasks that are assigned to it, and runs that have not ended. What was in progress when the last
 * process ended waits again; what is kept is kept.
 * @param lost the database of documents is not the one that knew of them: whatever pictures lie on the disk are matched with what the server says
 */
export async function loadTasks(context: RunnerContext, lost: boolean): Promise<{ tasks: number; frames: number }> {
  const { entries, journal, log, nodeId, serverClock, estimates } = context
  const runs = (await context.runs.inStates(['queued', 'fetching', 'rendering', 'uploading', 'paused'])).filter(
    (run) => run.nodeId === nodeId,
  )
  const assigned = (await context.tasks.inStates(['assigned'])).filter((task) => task.nodeId === nodeId && task.deletedAt === undefined)
  const known = new Map<string, Task>(assigned.map((task) => [task.id, task]))
  for (const run of runs) {
    const task = known.get(run.id) ?? (await context.tasks.get(run.id))
    if (task === null) log.error('a run has no task any more', { taskId: run.id })
    else known.set(run.id, task)
  }
  const made = lost ? await runsOfPictures(context, known) : []
  let frames = 0
  for (const before of [...runs, ...made]) {
    const task = known.get(before.id)
    const waiting = afterStart(before, serverClock.now())
    const parts = { results: context.results, verify: context.verify, nowMs: serverClock.now(), log }
    const { run, found } = task === undefined ? { run: waiting, found: 0 } : await rescueFrames(waiting, task, parts)
    frames += found
    // Nobody acts on a run before all that is true of it is known: what it lacks would be rendered, or the task given back.
    if (made.includes(before)) await journal.add(run)
    else {
      journal.adopt(before)
      await journal.change(run.id, () => run)
    }
    for (const frame of Object.values(run.frames)) if (frame.renderMs !== undefined) estimates.learn(run.jobId, frame.renderMs)
  }
  for (const task of known.values()) if (!entries.has(task.id)) entries.set(task.id, entryOf(task))
  return { tasks: entries.size, frames }
}

const afterStart = (run: Run, nowMs: number): Run => {
  const waiting = withoutFramesInProgress(run, nowMs)
  return waiting.state === 'uploading' || waiting.state === 'queued' ? waiting : moveRun(waiting, 'queued', nowMs)
}

/** Runs anew for tasks whose pictures are here while no document of a run is, whether the task is still assigned or not. */
async function runsOfPictures(context: RunnerContext, known: Map<string, Task>): Promise<Run[]> {
  const made: Run[] = []
  for (const { taskId } of await context.results.list()) {
    const task = known.get(taskId) ?? (await context.tasks.get(taskId))
    if (task === null || task.nodeId !== context.nodeId || (await context.runs.get(taskId)) !== null) continue
    known.set(taskId, task)
    made.push(newRun(task, context.serverClock.now()))
  }
  return made
}
