import type { JobState } from '#shared/collections/job.schema.ts'
import { factsWorthKeeping } from './factsWorthKeeping.ts'
import { openAttempts, type Chunk } from './chunk.ts'

type FrameEntries = JobState['frames']

/**
 * A job state lists every frame only up to this many, which keeps the document below half a megabyte. Of larger jobs it lists what failed
 * and what was accepted or given out last; the counts are always exact and pictures are found without it.
 */
const listedFramesLimit = 2_000

/** One chunk's frames as the job's creator sees them. */
export function frameEntries(chunk: Chunk): FrameEntries {
  const entries: FrameEntries = {}
  const open = openAttempts(chunk)
  for (const frame of chunk.frames) {
    const out = open.find(({ frames }) => frames.includes(frame))
    const key = String(frame)
    const accepted = chunk.accepted[key]
    const failed = chunk.failed[key]
    if (accepted) {
      const { taskId, nodeId, nodeOwnerId, sha256, sizeBytes, format } = accepted
      // Who renders for the network is nobody's business but their own.
      entries[key] = { state: 'accepted', sha256, sizeBytes, format, ...(nodeOwnerId === chunk.jobOwnerId ? { taskId, nodeId } : {}) }
    } else if (failed) {
      const { code, message, details } = failed.error
      const facts = factsWorthKeeping(details)
      entries[key] = { state: 'failed', error: { code, message, ...(facts === undefined ? {} : { details: facts }) } }
    } else if (chunk.wanted === 'cancelled') entries[key] = { state: 'cancelled' }
    else if (out)
      entries[key] = { state: 'assigned', ...(out.nodeOwnerId === chunk.jobOwnerId ? { taskId: out.taskId, nodeId: out.nodeId } : {}) }
    else entries[key] = { state: 'queued' }
  }
  return entries
}

/** Puts changed entries over the old ones and cuts what is too much. */
export function mergeFrames(before: FrameEntries, changed: FrameEntries, totalFrames: number): FrameEntries {
  if (totalFrames <= listedFramesLimit) return { ...before, ...changed }
  const merged = new Map(Object.entries(before))
  for (const [frame, entry] of Object.entries(changed)) {
    merged.delete(frame)
    if (entry.state !== 'queued') merged.set(frame, entry)
  }
  const dispensable = [...merged].filter(([, entry]) => entry.state !== 'failed').map(([frame]) => frame)
  for (const frame of dispensable) {
    if (merged.size <= listedFramesLimit) break
    merged.delete(frame)
  }
  for (const frame of [...merged.keys()].slice(0, Math.max(0, merged.size - listedFramesLimit))) merged.delete(frame)
  return Object.fromEntries(merged)
}
