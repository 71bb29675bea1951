import type { Job } from '#shared/collections/job.schema.ts'
import { splitIntoChunks } from '#shared/frames/chunks.ts'
import { networkFeeBasisPoints } from '#shared/money.ts'
import { chunkRank } from '#shared/rules/choice.ts'
import { jobLimitMicroPerUnit } from '#shared/rules/bids.ts'
import { milliUnitsOf, pricedWork, quotePerFrame } from '#shared/rules/quote.ts'
import { quotePerImage, upscaleImages, type SizedFile } from '#shared/rules/upscale.ts'
import type { Chunk, ChunkNeeds } from './chunk.ts'
import { chunkIdOf, chunkSizeOf } from './chunkIds.ts'

/** The frames in order without doubles: what "chunk number i" means must never depend on how they were sent. */
export const orderedFrames = (frames: readonly number[]): number[] => [...new Set(frames)].sort((a, b) => a - b)

export function chunkIdsOf(job: Pick<Job, 'id' | 'ownerId' | 'frames' | 'chunkSize'>): string[] {
  const count = Math.ceil(new Set(job.frames).size / chunkSizeOf(job))
  return Array.from({ length: count }, (_, index) => chunkIdOf(job.ownerId, job.id, index))
}

/** The chunks of a job, each priced; the same every time, so that an interrupted split goes on where it was. `createdAt` is server time. */
export function* splitJob(job: Job, needs: ChunkNeeds, createdAt: number): Generator<Chunk> {
  const milliUnits = milliUnitsOf(pricedWork(job.settings, job.info))
  const ofScene = { microPerFrame: quotePerFrame(milliUnits), milliUnits }
  const pictures = job.kind === 'upscale' ? upscaleImages(job) : null
  for (const [index, frames] of splitIntoChunks(orderedFrames(job.frames), chunkSizeOf(job)).entries())
    yield {
      id: chunkIdOf(job.ownerId, job.id, index),
      jobId: job.id,
      jobOwnerId: job.ownerId,
      index,
      createdAt,
      rank: chunkRank(createdAt, index),
      needs,
      microPerUnit: jobLimitMicroPerUnit,
      // Whoever makes it: of a picture nothing has to be measured or bid for.
      ...(pictures === null ? ofScene : { microPerFrame: quotePerImage(ofFrames(pictures.images, frames), pictures.scale) }),
      feeBasisPoints: networkFeeBasisPoints,
      frames,
      wanted: job.deletedAt === undefined ? job.wanted : 'cancelled',
      retryGeneration: job.retryGeneration,
      attempt: 0,
      attempts: [],
      accepted: {},
      failed: {},
      failures: [],
    }
}

const ofFrames = (images: readonly SizedFile[], frames: readonly number[]): SizedFile[] =>
  frames.flatMap((frame) => images[frame - 1] ?? [])
