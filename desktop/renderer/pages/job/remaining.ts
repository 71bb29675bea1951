import type { Run } from '#shared/collections/run.schema.ts'
import type { FrameCounts } from '../jobs/frameStates.ts'

/** Frames whose time is looked at: the newest say best how fast it goes now. */
const looked = 20

/**
 * About how long a job still takes: the median time of its newest frames, over the nodes that work on it now. null while nothing is known.
 */
export function remainingMs(runs: readonly Run[], counts: FrameCounts, nowMs: number): number | null {
  const finished = runs
    .flatMap((run) => Object.values(run.frames))
    .filter((frame) => frame.renderMs !== undefined && frame.finishedAt !== undefined && frame.finishedAt <= nowMs)
    .sort((a, b) => (b.finishedAt ?? 0) - (a.finishedAt ?? 0))
    .slice(0, looked)
    .map((frame) => frame.renderMs ?? 0)
    .sort((a, b) => a - b)
  const median = finished[Math.floor(finished.length / 2)]
  if (median === undefined) return null
  const nodes = new Set(runs.filter((run) => run.state === 'rendering').map((run) => run.nodeId)).size
  const open = counts.queued + counts.rendering
  return nodes === 0 || open === 0 ? null : (median * open) / nodes
}
