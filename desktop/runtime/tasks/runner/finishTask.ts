import { durations } from '#shared/durations.ts'
import { errorTraits, toAppError, type AppError } from '#shared/errors/appError.ts'
import { moveRun } from '#shared/rules/runState.ts'
import { backOffMs } from '../backOff.ts'
import type { Action } from '../plan/plan.ts'
import { errorField, framesIn } from '../run/runChanges.ts'
import type { RunnerContext, TaskEntry } from '../taskRunner.ts'

const range = { minMs: durations.transferRetryMinMs, maxMs: 300_000 }

/** Tells the server that the node is through with a task and ends its run. Without an answer it is tried again later. */
export async function finishTask(context: RunnerContext, entry: TaskEntry, action: Action & { do: 'finish' }): Promise<void> {
  const { gateway, journal, log, serverClock } = context
  if (!gateway.isLive()) {
    // The return of the line wakes the plan; this is only for a line that comes without a word.
    entry.notBeforeMs = serverClock.latest() + durations.workRequestMaxIntervalMs
    return
  }
  entry.activity = 'finishing'
  const run = journal.get(entry.task.id)
  if (run === null) return
  const failedFrames = framesIn(run, 'failed', 'queued')
  const answer = await gateway.call('task.finish', {
    taskId: run.id,
    leaseToken: run.leaseToken,
    outcome: action.outcome,
    ...(action.error === null ? {} : { error: errorField(action.error) }),
    ...(action.outcome === 'failed' ? { failedFrames } : {}),
  })
  entry.activity = 'none'
  if (!answer.ok && !isAnswer(answer.error)) {
    entry.finishFailures += 1
    entry.notBeforeMs = serverClock.latest() + backOffMs(entry.finishFailures, range)
    log.warn('a task could not be reported; it is tried again', {
      taskId: run.id,
      code: answer.error.code,
      reason: toAppError(answer.error).message,
    })
    return
  }
  log.info('task ended', {
    taskId: run.id,
    outcome: action.outcome,
    closedAs: answer.ok ? answer.value.closedAs : answer.error.code,
    ...(action.error === null ? {} : { reason: action.error.code }),
  })
  await journal.change(run.id, (now) =>
    moveRun(now, action.outcome, serverClock.now(), action.error === null ? {} : { error: errorField(action.error) }),
  )
}

/** The server knows of no such task of ours, or it is settled: the run ends here too. */
const isAnswer = (error: AppError) =>
  !errorTraits(error.code).retry && !['NOT_SIGNED_IN', 'UNEXPECTED', 'NODE_UNKNOWN'].includes(error.code)
