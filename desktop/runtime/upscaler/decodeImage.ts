import { open } from 'node:fs/promises'
import sharp from 'sharp'
import { appError } from '#shared/errors/appError.ts'
import { imageHeaderBytes, readImageHeader } from '#shared/images/imageHeader.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { tooLargeToUpscale } from '#shared/rules/upscale.ts'
import type { UpscaleImage } from './config.ts'

/** Every pixel of a picture, 8 bits a channel, in sRGB, turned as it is shown. */
export interface Pixels {
  data: Uint8Array
  width: number
  height: number
  channels: 3 | 4
}

/**
 * Decodes a picture whose header said what its job says. Errors: IMAGE_NOT_SUPPORTED, IMAGE_SIZE_DIFFERS (another size than was priced, found
 * before anything is decoded), IMAGE_TOO_LARGE, IMAGE_TRUNCATED.
 */
export async function decodeImage({ path, name, width, height }: UpscaleImage, scale: 2 | 4): Promise<Result<Pixels>> {
  const header = readImageHeader(name, await firstBytes(path))
  if (!header.ok) return header
  const found = header.value
  if (found.width !== width || found.height !== height)
    return err(appError('IMAGE_SIZE_DIFFERS', { name, width: found.width, height: found.height, wantedWidth: width, wantedHeight: height }))
  const large = tooLargeToUpscale({ name, width, height }, scale)
  if (large !== null) return err(large)
  try {
    const image = sharp(path, { failOn: 'warning', limitInputPixels: width * height })
      .autoOrient()
      .toColourspace('srgb')
    const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
    return ok(asColour(data, info.width, info.height, info.channels))
  } catch {
    return err(appError('IMAGE_TRUNCATED', { name }))
  }
}

/** Grey pictures have one channel, or two with alpha. */
function asColour(data: Uint8Array, width: number, height: number, channels: number): Pixels {
  if (channels === 3 || channels === 4) return { data, width, height, channels }
  const wanted = channels === 2 ? 4 : 3
  const spread = new Uint8Array(width * height * wanted)
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    spread.fill(data[pixel * channels] ?? 0, pixel * wanted, pixel * wanted + 3)
    if (wanted === 4) spread[pixel * 4 + 3] = data[pixel * channels + 1] ?? 255
  }
  return { data: spread, width, height, channels: wanted }
}

async function firstBytes(path: string): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(imageHeaderBytes), 0, imageHeaderBytes, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
