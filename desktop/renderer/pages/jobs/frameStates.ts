import type { Job, JobState } from '#shared/collections/job.schema.ts'
import type { Run } from '#shared/collections/run.schema.ts'

/** How a frame is shown. `waiting`: rendered and kept on the node, not yet judged by the server. */
export type ShownFrameState = 'queued' | 'rendering' | 'waiting' | 'accepted' | 'rejected' | 'superseded' | 'cancelled'

export interface ShownFrame {
  frame: number
  state: ShownFrameState
  nodeId: string | null
  error: { code: string; message: string } | null
}

/**
 * What is known of each frame of a job: the server's word first, then what the runs say of frames that are still open (which on a node's
 * own page goes on while the line is cut).
 */
export function shownFrames(job: Job, state: JobState | null, runs: readonly Run[]): ShownFrame[] {
  const fromRuns = new Map<number, { state: 'rendering' | 'waiting'; nodeId: string }>()
  for (const run of runs) {
    if (run.state === 'released') continue
    for (const [key, frame] of Object.entries(run.frames)) {
      if (frame.state === 'finished') fromRuns.set(Number(key), { state: 'waiting', nodeId: run.nodeId })
      else if (frame.state === 'rendering' && run.state === 'rendering' && !fromRuns.has(Number(key)))
        fromRuns.set(Number(key), { state: 'rendering', nodeId: run.nodeId })
    }
  }
  return job.frames.map((frame) => {
    const known = state?.frames[String(frame)]
    const open = fromRuns.get(frame)
    const nodeId = known?.nodeId ?? open?.nodeId ?? null
    const error = known?.error ?? null
    if (known?.state === 'accepted') return { frame, state: 'accepted', nodeId, error: null }
    if (known?.state === 'failed') return { frame, state: 'rejected', nodeId, error }
    if (known?.state === 'cancelled') return { frame, state: 'cancelled', nodeId, error }
    if (open) return { frame, state: open.state, nodeId, error }
    return { frame, state: 'queued', nodeId, error }
  })
}

export type FrameCounts = Record<ShownFrameState, number>

export function countFrames(frames: readonly ShownFrame[]): FrameCounts {
  const counts: FrameCounts = { queued: 0, rendering: 0, waiting: 0, accepted: 0, rejected: 0, superseded: 0, cancelled: 0 }
  for (const { state } of frames) counts[state] += 1
  return counts
}

export interface FrameGroup {
  from: number
  to: number
  frames: readonly ShownFrame[]
  /** What the cell shows: the state that most needs to be seen. */
  state: ShownFrameState
}

/** What must be seen in a cell that stands for several frames, most urgent first. */
const urgency: readonly ShownFrameState[] = ['rejected', 'rendering', 'waiting', 'superseded', 'queued', 'cancelled', 'accepted']

/** Groups the frames into at most `cells` cells, so that a strip of any job fits a line. */
export function groupFrames(frames: readonly ShownFrame[], cells: number): FrameGroup[] {
  const size = Math.max(1, Math.ceil(frames.length / Math.max(1, cells)))
  const groups: FrameGroup[] = []
  for (let start = 0; start < frames.length; start += size) {
    const part = frames.slice(start, start + size)
    const first = part[0]
    const last = part.at(-1)
    if (!first || !last) continue
    const state = urgency.find((candidate) => part.some((frame) => frame.state === candidate)) ?? 'queued'
    groups.push({ from: first.frame, to: last.frame, frames: part, state })
  }
  return groups
}
