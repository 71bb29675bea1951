import { randomBytes } from 'node:crypto'
import type { RuntimeInput, StagedScene } from '#shared/api/runtimeCalls.ts'
import type { FileRef } from '#shared/collections/common.ts'
import type { Job } from '#shared/collections/job.schema.ts'
import { parseFrames } from '#shared/frames/frameRange.ts'
import { makeId } from '#shared/ids.ts'
import { ok, type Result } from '#shared/result.ts'

/** What a job is made of: a scene that was looked into, and the files that make it up. */
export interface JobBundle {
  staged: Pick<StagedScene, 'name' | 'info'>
  scene: FileRef
  extraFiles: FileRef[]
}
export type JobWishes = Pick<RuntimeInput<'scene.submit'>, 'frames' | 'chunkSize' | 'settings' | 'name'>

/** A new job of this owner, by the server's clock. Errors: FRAMES_… */
export function makeJob(bundle: JobBundle, wishes: JobWishes, ownerId: string, nowMs: number): Result<Job> {
  const frames = parseFrames(wishes.frames)
  if (!frames.ok) return frames
  return ok({
    id: makeId('job', randomBytes(20)),
    ownerId,
    updatedAt: nowMs,
    name: (wishes.name?.trim() ?? '') || bundle.staged.name.replace(/\.blend$/i, '') || 'Scene',
    kind: 'blender',
    createdAt: nowMs,
    frames: frames.value,
    chunkSize: wishes.chunkSize,
    scene: bundle.scene,
    extraFiles: bundle.extraFiles,
    settings: wishes.settings,
    info: bundle.staged.info,
    wanted: 'run',
    retryGeneration: 0,
  })
}
