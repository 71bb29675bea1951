import type { FileRef } from '../collections/common.ts'
import type { Job } from '../collections/job.schema.ts'
import { appError, type AppError } from '../errors/appError.ts'
import { err, ok, type Result } from '../result.ts'
import {
  distinctNames,
  imagesPerJobLimit,
  tooLargeToUpscale,
  upscaleChunkSize,
  upscaleImages,
  type SizedFile,
  type UpscaleScale,
} from './upscale.ts'

export interface UpscaleWishes {
  id: string
  ownerId: string
  /** Server time. */
  nowMs: number
  scale: UpscaleScale
  /** Default: the name of the first picture. */
  name?: string | undefined
}

/** A job that upscales these pictures, in this order; frame 1 is the first. Errors: FRAMES_EMPTY, IMAGES_TOO_MANY, IMAGE_TOO_LARGE. */
export function makeUpscaleJob(pictures: readonly SizedFile[], { id, ownerId, nowMs, scale, name }: UpscaleWishes): Result<Job> {
  const wrong = countWrong(pictures.length) ?? pictures.map((picture) => tooLargeToUpscale(picture, scale)).find((one) => one !== null)
  if (wrong) return err(wrong)
  const names = distinctNames(pictures.map((picture) => picture.name.split(/[/\\]/).at(-1) ?? picture.name))
  const [scene, ...extraFiles] = pictures.map((picture, index): FileRef => ({ ...picture, name: names[index] ?? picture.name }))
  if (scene === undefined) return err(appError('FRAMES_EMPTY'))
  return ok({
    ...{ id, ownerId, updatedAt: nowMs, createdAt: nowMs, kind: 'upscale' as const },
    name: ((name?.trim() ?? '') || scene.name.replace(/\.[a-z]+$/i, '') || 'Pictures').slice(0, 200),
    frames: pictures.map((_, index) => index + 1),
    chunkSize: upscaleChunkSize(pictures, scale),
    ...{ scene, extraFiles },
    settings: { scale },
    info: { blenderVersion: '', format: 'PNG' as const },
    ...{ wanted: 'run' as const, retryGeneration: 0 },
  })
}

/** What is wrong with an upscaling job as it was sent, if anything: JOB_INVALID {reason}, IMAGES_TOO_MANY, IMAGE_TOO_LARGE. */
export function checkUpscaleJob(job: Job): AppError | null {
  const invalid = (reason: string) => appError('JOB_INVALID', { reason })
  const found = upscaleImages(job)
  if (found === null) return invalid('a picture has no size, or the scale is missing')
  const { images, scale } = found
  if (job.frames.length !== images.length || job.frames.some((frame, index) => frame !== index + 1))
    return invalid('its frames are not 1 to the number of its pictures')
  if (images.some(({ name }) => name.includes('/'))) return invalid('a picture is in a folder')
  if (distinctNames(images.map(({ name }) => name)).some((name, index) => name !== images[index]?.name))
    return invalid('two pictures have the same name')
  return countWrong(images.length) ?? images.map((image) => tooLargeToUpscale(image, scale)).find((one) => one !== null) ?? null
}

const countWrong = (count: number): AppError | null =>
  count > imagesPerJobLimit ? appError('IMAGES_TOO_MANY', { count, limit: imagesPerJobLimit }) : null
