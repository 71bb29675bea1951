import { randomBytes } from 'node:crypto'
import type { RuntimeInput } from '#shared/api/runtimeCalls.ts'
import { appError } from '#shared/errors/appError.ts'
import { makeId } from '#shared/ids.ts'
import { err, ok, type Result } from '#shared/result.ts'
import type { SizedFile } from '#shared/rules/upscale.ts'
import { makeUpscaleJob } from '#shared/rules/upscaleJob.ts'
import type { SubmitContext } from './submitScene.ts'

/**
 * Makes an upscaling job of staged pictures: its document is written here (works offline) and the pictures follow by themselves.
 * Errors: JOB_INVALID, JOB_NOT_FROM_HERE {server}, IMAGES_TOO_MANY, IMAGE_TOO_LARGE.
 */
export async function submitImages(input: RuntimeInput<'images.submit'>, context: SubmitContext): Promise<Result<{ jobId: string }>> {
  const refused = context.staged.refusal()
  if (refused !== null) return err(refused)
  const pictures: SizedFile[] = []
  for (const stagedId of input.stagedIds) {
    const bundle = context.staged.get(stagedId)
    const { width, height } = bundle?.staged.info ?? {}
    if (bundle === null || width === undefined || height === undefined)
      return err(appError('JOB_INVALID', { reason: 'a picture is not here any more; choose the files again' }))
    pictures.push({ ...bundle.scene, width, height })
  }
  const { scale, name } = input
  const job = makeUpscaleJob(pictures, {
    id: makeId('job', randomBytes(20)),
    ownerId: context.ownerId,
    nowMs: context.serverNow(),
    scale,
    name,
  })
  if (!job.ok) return job
  // The files first: a job whose files nobody sends would wait for ever.
  context.outbox.add(job.value.id, [job.value.scene, ...job.value.extraFiles])
  await context.jobs.put(job.value)
  for (const stagedId of input.stagedIds) context.staged.discard(stagedId)
  return ok({ jobId: job.value.id })
}
