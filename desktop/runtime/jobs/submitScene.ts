import type { RuntimeInput } from '#shared/api/runtimeCalls.ts'
import type { Job } from '#shared/collections/job.schema.ts'
import { appError } from '#shared/errors/appError.ts'
import { parseFrames } from '#shared/frames/frameRange.ts'
import { err, ok, type Result } from '#shared/result.ts'
import type { Documents } from '../tasks/ports.ts'
import { makeJob } from './makeJob.ts'
import type { SceneOutbox } from './sceneOutbox.ts'
import type { StagedScenes } from './stagedScenes.ts'

export interface SubmitContext {
  ownerId: string
  staged: StagedScenes
  outbox: SceneOutbox
  jobs: Pick<Documents<Job>, 'put'>
  serverNow: () => number
}

/**
 * Makes a job of a staged scene: its document is written here (works offline) and its files follow by themselves.
 * Errors: FRAMES_…, JOB_INVALID, JOB_NOT_FROM_HERE {server}, DISK_FULL.
 */
export async function submitScene(input: RuntimeInput<'scene.submit'>, context: SubmitContext): Promise<Result<{ jobId: string }>> {
  // A job that the server will never take must not look submitted.
  const refused = context.staged.refusal()
  if (refused !== null) return err(refused)
  const frames = parseFrames(input.frames)
  if (!frames.ok) return frames
  const bundle = context.staged.get(input.stagedId)
  if (bundle === null) return err(appError('JOB_INVALID', { reason: 'its scene is not here any more; choose the file again' }))
  const job = makeJob(bundle, input, context.ownerId, context.serverNow())
  if (!job.ok) return job
  // The files first: a job whose files nobody sends would wait for ever.
  context.outbox.add(job.value.id, [job.value.scene, ...job.value.extraFiles])
  await context.jobs.put(job.value)
  context.staged.discard(input.stagedId)
  return ok({ jobId: job.value.id })
}
