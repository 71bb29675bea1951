import type { FileRef } from '../collections/common.ts'
import type { Job } from '../collections/job.schema.ts'
import { appError, type AppError } from '../errors/appError.ts'
import { microToDocument } from '../money.ts'

/**
 * Upscaling, as every part understands it. A job of kind `upscale` holds its pictures as files: frame n is the n-th of scene and extra files, each
 * with the size that its maker read, and every frame becomes a PNG of `scale` times that size.
 */
export const upscaleScales = [2, 4] as const
export type UpscaleScale = (typeof upscaleScales)[number]

/** The networks by what they are called among a node's engines; which one a scale means is fixed, so that a price buys the same everywhere. */
export const upscaleEngines: Record<UpscaleScale, string> = { 2: 'ESRGAN_SLIM_2X', 4: 'ESRGAN_MEDIUM_4X' }

export const imagesPerJobLimit = 2_000
/** Of the finished picture; what the server decodes is bounded alike (megapixelLimit in shared/images/verifyImage.ts). */
export const upscaledMegapixelLimit = 256
/** A PNG's decoder takes no longer sides everywhere. */
const longestSide = 65_535

export type SizedFile = FileRef & { width: number; height: number }

type Pictures = Pick<Job, 'scene' | 'extraFiles' | 'settings'>

/** The pictures of an upscaling job in the order of their frames; null where one has no size or the scale is missing. */
export function upscaleImages({ scene, extraFiles, settings }: Pictures): { scale: UpscaleScale; images: SizedFile[] } | null {
  const { scale } = settings
  if (scale === undefined) return null
  const images = [scene, ...extraFiles].flatMap((file) =>
    file.width === undefined || file.height === undefined ? [] : [{ ...file, width: file.width, height: file.height }],
  )
  return images.length === 1 + extraFiles.length ? { scale, images } : null
}

/** The picture of frame `frame` (from 1) and what it has to become. */
export function upscaledFrame(job: Pictures, frame: number): { image: SizedFile; width: number; height: number } | null {
  const { scale } = job.settings
  const file = frame === 1 ? job.scene : job.extraFiles[frame - 2]
  if (scale === undefined || file?.width === undefined || file.height === undefined) return null
  const image = { ...file, width: file.width, height: file.height }
  return { image, width: image.width * scale, height: image.height * scale }
}

/** IMAGE_TOO_LARGE {name, width, height, limit} when what it would become is more than anybody takes; otherwise null. */
export function tooLargeToUpscale(image: { name: string; width: number; height: number }, scale: UpscaleScale): AppError | null {
  const { name } = image
  const [width, height] = [image.width * scale, image.height * scale]
  const fits = width * height <= upscaledMegapixelLimit * 1_000_000 && width <= longestSide && height <= longestSide
  return fits ? null : appError('IMAGE_TOO_LARGE', { name, width, height, limit: upscaledMegapixelLimit })
}

/**
 * The price of one picture, fixed before anybody is asked:
 *
 *   micro = 1,000 + ⌈megapixels of the finished picture × microPerMegapixel⌉
 *
 * The 1,000 (0.001 PICTOR) pay for fetching, start-up and upload, as for a frame. Nothing here comes from the node that is paid.
 */
const basePriceMicro = 1_000n
export const microPerUpscaledMegapixel = 500

export function quoteForImage({ width, height }: { width: number; height: number }, scale: UpscaleScale): number {
  const pixels = BigInt(width) * BigInt(height) * BigInt(scale * scale)
  return microToDocument(basePriceMicro + (pixels * BigInt(microPerUpscaledMegapixel) + 999_999n) / 1_000_000n)
}

/** Of pictures that share a task each is paid the mean, rounded up. Clients put only pictures of one size together, so that this is exact. */
export function quotePerImage(images: readonly { width: number; height: number }[], scale: UpscaleScale): number {
  const total = images.reduce((sum, image) => sum + quoteForImage(image, scale), 0)
  return Math.ceil(total / Math.max(1, images.length))
}

/** Small pictures of one size share a task, so that starting the upscaler is not most of the work. */
export function upscaleChunkSize(images: readonly { width: number; height: number }[], scale: UpscaleScale): number {
  const [first] = images
  if (!first || images.some(({ width, height }) => width !== first.width || height !== first.height)) return 1
  const megapixels = (first.width * first.height * scale * scale) / 1_000_000
  return Math.max(1, Math.min(10, Math.floor(40 / megapixels)))
}

/** Two pictures of one name, from two folders, stay apart: `a.png`, `a (2).png`. */
export function distinctNames(names: readonly string[]): string[] {
  const used = new Set<string>()
  return names.map((name) => {
    const dot = name.lastIndexOf('.')
    const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, '']
    let free = name
    for (let count = 2; used.has(free.toLowerCase()); count += 1) free = `${stem} (${count})${extension}`
    used.add(free.toLowerCase())
    return free
  })
}

/** What the finished pictures are called: `shot_x2.png`, whatever the kind of the first one was. */
export const upscaledNames = (names: readonly string[], scale: UpscaleScale): string[] =>
  distinctNames(names.map((name) => `${name.replace(/\.[a-z]{3,4}$/i, '')}_x${scale}.png`))
