import { randomBytes } from 'node:crypto'
import type { Job } from '#shared/collections/job.schema.ts'
import { makeId } from '#shared/ids.ts'

/** A job of an owner, not sent yet. Unless a scene is given, its file will never come, so that nothing is rendered for it. */
export function makeJob(ownerId: string, changes: Partial<Job> = {}): Job {
  const now = Date.now()
  return {
    ...{ id: makeId('job', randomBytes(20)), ownerId, updatedAt: now, createdAt: now, name: 'Job', kind: 'blender' },
    ...{ frames: [1], chunkSize: 1, scene: { sha256: '0'.repeat(64), sizeBytes: 1, name: 'scene.blend' }, extraFiles: [], settings: {} },
    ...{ info: { blenderVersion: '3.4', engine: 'CYCLES' }, wanted: 'run', retryGeneration: 0 },
    ...changes,
  }
}
