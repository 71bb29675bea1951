import type { AppError } from '#shared/errors/appError.ts'
import { appError } from '#shared/errors/appError.ts'
import { imageHeaderBytes, readImageHeader } from '#shared/images/imageHeader.ts'
import { imagesPerJobLimit } from '#shared/rules/upscale.ts'

/** A picture on this computer with the size that its header says. */
export interface PictureFile {
  file: File
  width: number
  height: number
}

const collator = new Intl.Collator(undefined, { numeric: true })

/**
 * The pictures among the files, in the order of their names as people count, and what is wrong with the others. Only headers are read.
 * IMAGES_TOO_MANY stands alone: nothing was read then.
 */
export async function readPictures(files: readonly File[]): Promise<{ pictures: PictureFile[]; wrong: AppError[] }> {
  if (files.length > imagesPerJobLimit)
    return { pictures: [], wrong: [appError('IMAGES_TOO_MANY', { count: files.length, limit: imagesPerJobLimit })] }
  const pictures: PictureFile[] = []
  const wrong: AppError[] = []
  for (const file of [...files].sort((a, b) => collator.compare(a.name, b.name))) {
    const header = readImageHeader(file.name, new Uint8Array(await file.slice(0, imageHeaderBytes).arrayBuffer()))
    if (header.ok) pictures.push({ file, width: header.value.width, height: header.value.height })
    else wrong.push(header.error)
  }
  return { pictures, wrong }
}
