import type { Job } from '#shared/collections/job.schema.ts'
import { jobSchema } from '#shared/collections/job.schema.ts'
import { appError, type AppError } from '#shared/errors/appError.ts'
import { framesPerJobLimit } from '#shared/frames/frameRange.ts'
import { versionNumber } from '#shared/rules/choice.ts'
import { upscaleEngines } from '#shared/rules/upscale.ts'
import { checkUpscaleJob } from '#shared/rules/upscaleJob.ts'
import type { ChunkNeeds } from './chunk.ts'
import { jobIdLengthLimit } from './chunkIds.ts'

/** What is wrong with the job as it was sent, if anything: JOB_INVALID {reason}, FRAMES_EMPTY, FRAMES_TOO_MANY, IMAGES_TOO_MANY, IMAGE_TOO_LARGE. */
export function checkJob(job: Job): AppError | null {
  const parsed = jobSchema.safeParse(job)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    return appError('JOB_INVALID', { reason: `${issue?.path.map(String).join('.') ?? ''} ${issue?.message ?? ''}`.trim() })
  }
  if (job.id.length > jobIdLengthLimit) return appError('JOB_INVALID', { reason: `its id is longer than ${jobIdLengthLimit} characters` })
  if (job.frames.length === 0) return appError('FRAMES_EMPTY')
  if (job.frames.length > framesPerJobLimit) return appError('FRAMES_TOO_MANY', { count: job.frames.length, limit: framesPerJobLimit })
  const unsafe = job.extraFiles.find(({ name }) => !isSafePath(name))
  if (unsafe) return appError('JOB_INVALID', { reason: `the path ${unsafe.name} leaves the scene's folder` })
  return job.kind === 'upscale' ? checkUpscaleJob(job) : null
}

/** Bundle paths are relative, with forward slashes, and never climb: nodes write files under them. */
function isSafePath(path: string): boolean {
  return !/^[/\\]|^[a-zA-Z]:|\\|\0/.test(path) && !path.split('/').includes('..')
}

/** What a node needs for this job. The version is the file's own or the sender's word, whichever is newer. */
export function needsOf(job: Pick<Job, 'kind' | 'info' | 'settings'>, fileVersion: string | null): ChunkNeeds {
  const { scale } = job.settings
  if (job.kind === 'upscale') return { kind: 'upscale', ...(scale === undefined ? {} : { engine: upscaleEngines[scale] }) }
  const said = job.info.blenderVersion
  const version = fileVersion !== null && versionNumber(fileVersion) >= versionNumber(said) ? fileVersion : said
  const engine = job.settings.engine ?? job.info.engine
  return {
    kind: job.kind,
    ...(version === '' ? {} : { blenderVersion: version }),
    ...(engine === undefined ? {} : { engine }),
    ...(job.info.wantsDenoiser ? { denoiser: job.info.wantsDenoiser } : {}),
  }
}
