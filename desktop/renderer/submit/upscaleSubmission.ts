import type { AppError } from '#shared/errors/appError.ts'
import { quoteForImage, tooLargeToUpscale, type UpscaleScale } from '#shared/rules/upscale.ts'
import type { PictureFile } from './readPictures.ts'

/** What upscaling these pictures comes to; `error` when one of them would become too large. */
export function upscaleOffer(
  pictures: readonly PictureFile[],
  scale: UpscaleScale,
): { costMicro: number; megapixels: number; error: AppError | null } {
  const error = pictures
    .map(({ file, width, height }) => tooLargeToUpscale({ name: file.name, width, height }, scale))
    .find((one) => one !== null)
  return {
    costMicro: pictures.reduce((sum, picture) => sum + quoteForImage(picture, scale), 0),
    megapixels: pictures.reduce((sum, { width, height }) => sum + (width * height * scale * scale) / 1_000_000, 0),
    error: error ?? null,
  }
}
