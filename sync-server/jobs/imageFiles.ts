import { buffer } from 'node:stream/consumers'
import type { Job } from '#shared/collections/job.schema.ts'
import { appError, type AppError } from '#shared/errors/appError.ts'
import { imageHeaderBytes, readImageHeader, type ImageHeader } from '#shared/images/imageHeader.ts'
import type { Result } from '#shared/result.ts'
import { upscaleImages, type SizedFile } from '#shared/rules/upscale.ts'
import type { FileStore, StoredFile } from '../files/fileStore.ts'

/**
 * Looks at the headers of an upscaling job's pictures before anybody is asked: what is paid follows from the sizes that its creator said, so they
 * must be true. Nothing is decoded here. The first that is wrong: IMAGE_NOT_SUPPORTED, IMAGE_SIZE_DIFFERS, FILE_NOT_FOUND.
 */
export async function checkImageFiles(job: Job, files: Pick<FileStore, 'find'>): Promise<AppError | null> {
  for (const image of upscaleImages(job)?.images ?? []) {
    const file = await files.find(job.ownerId, image.sha256)
    const wrong = file === null ? appError('FILE_NOT_FOUND', { sha256: image.sha256 }) : await checkImageFile(file, image)
    if (wrong !== null) return wrong
  }
  return null
}

async function checkImageFile(file: StoredFile, { name, width, height }: SizedFile): Promise<AppError | null> {
  const header = await readImageFile(file, name)
  if (!header.ok) return header.error
  const found = header.value
  if (found.width === width && found.height === height) return null
  return appError('IMAGE_SIZE_DIFFERS', { name, width: found.width, height: found.height, wantedWidth: width, wantedHeight: height })
}

/** What the header of a stored picture says. Errors: IMAGE_NOT_SUPPORTED. */
export async function readImageFile(file: StoredFile, name: string): Promise<Result<ImageHeader>> {
  const to = Math.min(imageHeaderBytes, file.sizeBytes) - 1
  return readImageHeader(name, to < 0 ? Buffer.alloc(0) : await buffer(await file.read({ from: 0, to })))
}
