import { chunkIdOf, chunkSizeOf } from '../jobs/chunkIds.ts'
import type { AcceptedFrame, Chunk } from '../jobs/chunk.ts'
import { orderedFrames } from '../jobs/splitJob.ts'
import type { DocumentStore } from '../store/documentStore.ts'

const kept = 20

/** Finds the accepted picture of a frame through the one chunk it is in, so that it costs the same for any size of job. */
export function createFrameFinder(store: DocumentStore): (ownerId: string, jobId: string, frame: number) => Promise<AcceptedFrame | null> {
  const positions = new Map<string, { frames: Map<number, number>; chunkSize: number }>()

  async function positionsOf(ownerId: string, jobId: string) {
    const key = `${ownerId}\n${jobId}`
    const known = positions.get(key)
    if (known) return known
    const job = (await store.read(ownerId, 'jobs', jobId))?.document
    if (!job) return null
    const found = { frames: new Map(orderedFrames(job.frames).map((frame, index) => [frame, index])), chunkSize: chunkSizeOf(job) }
    if (positions.size >= kept) positions.delete(positions.keys().next().value ?? '')
    positions.set(key, found)
    return found
  }

  return async (ownerId, jobId, frame) => {
    const job = await positionsOf(ownerId, jobId)
    const position = job?.frames.get(frame)
    if (!job || position === undefined) return null
    const chunk = (await store.readPrivate<Chunk>('chunks', chunkIdOf(ownerId, jobId, Math.floor(position / job.chunkSize))))?.document
    return chunk?.accepted[String(frame)] ?? null
  }
}
