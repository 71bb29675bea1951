import type { LiveTask } from '#shared/sync/live.ts'
import { liveTask } from '../liveTask.ts'
import { framesIn } from '../run/runChanges.ts'
import type { RunnerContext } from '../taskRunner.ts'

/** The tasks that are worked on right now, with how far they are. */
export function liveTasks({ entries, journal, estimates, serverClock, gateway }: RunnerContext): LiveTask[] {
  const nowMs = serverClock.now()
  return [...entries.values()].flatMap(({ task, activity, progress }) => {
    const run = journal.get(task.id)
    if (run === null) return []
    const uploading = run.state === 'uploading' && gateway.isLive()
    const state = activity === 'fetching' ? 'fetching' : activity === 'rendering' ? 'rendering' : uploading ? 'uploading' : null
    if (state === null) return []
    const [frame] = framesIn(run, 'rendering')
    const frameStartedAtMs = frame === undefined ? null : (run.frames[String(frame)]?.startedAt ?? null)
    return [liveTask({ task, run, state, progress, frameStartedAtMs, nowMs, frameMs: estimates.frameMs(task.jobId) })]
  })
}
