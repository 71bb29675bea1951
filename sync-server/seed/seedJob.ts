import type { Job, JobState } from '#shared/collections/job.schema.ts'
import { isJobSettled, jobStateOf } from '#shared/rules/jobProgress.ts'
import type { Random } from '#shared/seededRandom.ts'
import { attemptOf, openAttempts, priceOf, type Chunk } from '../jobs/chunk.ts'
import { frameEntries, mergeFrames } from '../jobs/jobStateFrames.ts'
import { splitJob } from '../jobs/splitJob.ts'

export const framesPerChunk = 3

const scenes = [
  ...['Kitchen, morning light', 'Lander turntable', 'Bottle campaign v7', 'Waldspaziergang Einstellung 12', 'Classroom', 'Rain test'],
  ...[
    'Title card <b>draft</b>',
    'Product spin',
    '茶馆 夜景',
    'Chợ nổi lúc bình minh',
    'Estación Norte, toma 4',
    'Watch macro',
    'Sofa range 2027',
  ],
  ...[
    'City block flythrough',
    'Robot arm assembly',
    'Perfume hero',
    'Cabin in snow',
    'Drone canyon',
    'Loft, evening',
    'Shoe exploded view',
  ],
] as const
const looks = [
  { engine: 'CYCLES', width: 1_920, height: 1_080, samples: 128 },
  { engine: 'CYCLES', width: 3_840, height: 2_160, samples: 256 },
  { engine: 'CYCLES', width: 2_048, height: 858, samples: 512 },
  { engine: 'BLENDER_EEVEE_NEXT', width: 1_920, height: 1_080, samples: 64 },
] as const

export interface SeedJobFacts {
  ownerId: string
  chunks: number
  createdAt: number
  wanted: Job['wanted']
}

/** A job that passes the gateway's own checks, and its chunks as the gateway splits it. */
export function seedJob({ ownerId, chunks, createdAt, wanted }: SeedJobFacts, random: Random): { job: Job; chunks: Chunk[] } {
  const look = random.pick(looks)
  const first = random.whole(4) * 100 + 1
  const job: Job = {
    ...{ id: `job-${random.letters(20)}`, ownerId, updatedAt: createdAt, createdAt, kind: 'blender' },
    name: random.whole(3) === 0 ? `${random.pick(scenes)} ${1 + random.whole(40)}` : random.pick(scenes),
    frames: Array.from({ length: chunks * framesPerChunk }, (_, index) => first + index),
    chunkSize: framesPerChunk,
    scene: { sha256: fakeHash(random), sizeBytes: 8_000_000 + random.whole(300_000_000), name: `scene_v${1 + random.whole(30)}.blend` },
    extraFiles: [],
    settings: random.whole(3) === 0 ? { samples: look.samples * 2 } : {},
    info: { blenderVersion: '4.2', ...look, format: 'PNG', wantsDenoiser: look.engine === 'CYCLES' ? 'OPENIMAGEDENOISE' : null },
    ...{ wanted, retryGeneration: 0 },
  }
  return { job, chunks: [...splitJob(job, { kind: 'blender', blenderVersion: '4.2', engine: look.engine }, createdAt)] }
}

/** The job's state as the gateway computes it from its chunks. */
export function seedJobState(job: Job, chunks: readonly Chunk[], nowMs: number): JobState {
  const counts = { total: job.frames.length, accepted: 0, failed: 0, assigned: 0 }
  let costMicro = 0
  let lastAt = job.createdAt
  let firstAt = Number.POSITIVE_INFINITY
  let frames: JobState['frames'] = {}
  for (const chunk of chunks) {
    const accepted = Object.values(chunk.accepted)
    counts.accepted += accepted.length
    counts.failed += Object.keys(chunk.failed).length
    costMicro += accepted.reduce((sum, { token }) => sum + priceOf(chunk, attemptOf(chunk, token)), 0)
    for (const out of openAttempts(chunk))
      counts.assigned += out.frames.filter((frame) => !Object.hasOwn(chunk.accepted, String(frame))).length
    firstAt = Math.min(firstAt, chunk.attempts[0]?.issuedAt ?? firstAt)
    lastAt = Math.max(lastAt, ...chunk.attempts.map((attempt) => attempt.changedAt))
    frames = Object.assign(frames, frameEntries(chunk))
  }
  const state = jobStateOf(job.wanted, counts)
  return {
    ...{ id: job.id, ownerId: job.ownerId, updatedAt: Math.min(lastAt, nowMs), state },
    ...{ total: counts.total, accepted: counts.accepted, failed: counts.failed, costMicro },
    frames: mergeFrames({}, frames, counts.total),
    ...(Number.isFinite(firstAt) ? { startedAt: firstAt } : {}),
    ...(isJobSettled(state) ? { finishedAt: lastAt } : {}),
    handled: { wanted: job.wanted, retryGeneration: job.retryGeneration, split: true, receivedAt: job.createdAt },
  }
}

/** The name of a file that nobody has: nothing renders these jobs again. */
function fakeHash(random: Random): string {
  return Array.from({ length: 64 }, () => random.whole(16).toString(16)).join('')
}
