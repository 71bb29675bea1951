import type { Job } from '#shared/collections/job.schema.ts'
import type { ArchiveReader } from '../archive/archiveReader.ts'
import { chunkIdOf, chunkSizeOf } from '../jobs/chunkIds.ts'
import type { AcceptedFrame, Chunk } from '../jobs/chunk.ts'
import type { JobBriefs } from '../jobs/jobBriefs.ts'
import { orderedFrames } from '../jobs/splitJob.ts'
import type { DocumentStore } from '../store/documentStore.ts'

const kept = 20

/** Finds the accepted picture of a frame through the one chunk it is in, so that it costs the same for any size of job. */
export function createFrameFinder(
  store: DocumentStore,
  archive: Pick<ArchiveReader, 'get'>,
): (ownerId: string, jobId: string, frame: number) => Promise<AcceptedFrame | null> {
  const positions = new Map<string, { frames: Map<number, number>; chunkSize: number }>()

  async function positionsOf(ownerId: string, jobId: string) {
    const key = `${ownerId}\n${jobId}`
    const known = positions.get(key)
    if (known) return known
    const job = (await store.read(ownerId, 'jobs', jobId))?.document ?? (await archive.get<Job>(ownerId, 'jobs', jobId))
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
    const chunkId = chunkIdOf(ownerId, jobId, Math.floor(position / job.chunkSize))
    const chunk = (await store.readPrivate<Chunk>('chunks', chunkId))?.document ?? (await archive.get<Chunk>(null, 'chunks', chunkId))
    return chunk?.accepted[String(frame)] ?? null
  }
}

/** Jobs that are worked on, and those that were put away. */
export function createOldJobs(briefs: Pick<JobBriefs, 'get'>, archive: Pick<ArchiveReader, 'get'>): Pick<JobBriefs, 'get'> {
  return { get: async (ownerId, jobId) => (await briefs.get(ownerId, jobId)) ?? archive.get<Job>(ownerId, 'jobs', jobId) }
}
