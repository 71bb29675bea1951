import type { Run } from '#shared/collections/run.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import type { ShownFrame, ShownFrameState } from '../jobs/frameStates.ts'

/** What is known of each frame of a task: the server's verdict first, then what the worker says. */
export function framesOfTask(task: Task, run: Run | null): ShownFrame[] {
  return task.frames.map((frame) => {
    const verdict = task.verdicts[String(frame)]
    const rendered = run?.frames[String(frame)]
    const error = verdict?.error ?? rendered?.error ?? null
    return { frame, state: stateOf(verdict?.verdict ?? 'open', rendered?.state ?? 'queued', task), nodeId: task.nodeId, error }
  })
}

function stateOf(verdict: Task['verdicts'][string]['verdict'], rendered: Run['frames'][string]['state'], task: Task): ShownFrameState {
  if (verdict !== 'open') return verdict
  if (rendered === 'failed') return 'rejected'
  if (rendered === 'finished' || rendered === 'delivered') return 'waiting'
  if (task.state === 'closed') return 'cancelled'
  return rendered === 'rendering' ? 'rendering' : 'queued'
}
