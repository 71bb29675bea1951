import { join } from 'node:path'
import type { Run } from '#shared/collections/run.schema.ts'
import { durations } from '#shared/durations.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { isEnded } from '#shared/rules/runState.ts'
import type { AgeGuard } from '../node/ageGuard.ts'
import type { LocalSeries } from '../series/localSeries.ts'
import { bundleKey, dropBundles } from '../tasks/fetch/jobFolder.ts'
import type { TaskRunner } from '../tasks/taskRunner.ts'

const everyMs = 6 * 3_600_000
const firstAfterMs = 60_000
/** Pictures that the server has judged stay this long, so that the page can show them without a line. */
const deliveredKeptMs = 24 * 3_600_000
const logsKeptMs = durations.resultsKeptMs

export interface KeepCleanOptions {
  runner: TaskRunner
  folder: string
  series: LocalSeries
  ages: AgeGuard
  clock: Clock
  log: Logger
  get: (runId: string) => Promise<Run | null>
}

/**
 * A few times a day: drops pictures of settled tasks, scenes that no task needs, old logs. Undelivered pictures stay ≥ 30 days. While the clock may
 * be wrong, nothing goes for its age.
 */
export function keepClean(options: KeepCleanOptions): () => void {
  const { clock, log } = options
  let cancel = clock.after(firstAfterMs, sweep)
  function sweep(): void {
    cancel = clock.after(everyMs, sweep)
    clean(options).catch((error: unknown) => log.warn('cleaning up failed', { reason: String(error) }))
  }
  return () => cancel()
}

/** One sweep. Returns how many tasks' pictures were dropped. */
export async function clean(options: KeepCleanOptions): Promise<number> {
  const { runner, folder, ages } = options
  const dropped = ages.areAgesTrue() ? await dropOld(options) : 0
  await dropBundles(join(folder, 'scenes'), (bundle) => runner.tasks().some((task) => bundleKey(task) === bundle))
  return dropped
}

async function dropOld({ runner, series, clock, get }: KeepCleanOptions): Promise<number> {
  const nowMs = clock.now()
  const tasks = (await runner.results.list()).sort((a, b) => b.changedMs - a.changedMs)
  let dropped = 0
  // The newest stays whatever its age: it is the last picture that this computer made.
  for (const { taskId, changedMs } of tasks.slice(1)) {
    const ageMs = nowMs - changedMs
    if (ageMs < deliveredKeptMs) continue
    const run = await get(taskId)
    const settled = run === null || isEnded(run.state)
    if (!settled || (run === null && ageMs < durations.resultsKeptMs)) continue
    await runner.results.drop(taskId)
    dropped += 1
  }
  await series.dropOlderThan(nowMs - logsKeptMs, nowMs - 3 * logsKeptMs)
  return dropped
}
