import type { RunState } from '#shared/collections/run.schema.ts'
import { moveRun } from '#shared/rules/runState.ts'
import type { RunnerContext, TaskEntry } from '../taskRunner.ts'

/** Moves a task's run to another state; durable when settled. */
export const move = ({ journal, serverClock }: RunnerContext, { task }: TaskEntry, to: RunState): Promise<void> =>
  journal.change(task.id, (run) => moveRun(run, to, serverClock.now()))
