import { appError, type AppError } from '../errors/appError.ts'
import { err, ok, type Result } from '../result.ts'
import { detectFormat, type PictureKind } from './detectFormat.ts'
import { decodeExr } from './exr/decodeExr.ts'
import { readExrHeader } from './exr/header.ts'
import { hasProperEnd } from './fileEnd.ts'
import type { FrameExpectation, ImageFormat } from './frameExpectation.ts'
import type { ImageDecoders } from './imageDecoders.ts'
import { UnknownPicture } from './pixelDamage.ts'

/** A picture whose every pixel was decoded. */
export interface ImageFacts {
  format: ImageFormat
  width: number
  height: number
  channels: number
  bitDepth: number
}

/** Larger pictures are refused before anything is decoded: a few bytes can claim to be terabytes. */
export const megapixelLimit = 256
const sampleByteLimit = 4 * 1024 * 1024 * 1024

/**
 * Proves that a finished frame is what it should be: a picture we know, of the right format and size, whose pixels all decode.
 * Errors: FRAME_MISSING (no bytes), FRAME_NOT_AN_IMAGE, FRAME_WRONG_FORMAT, FRAME_WRONG_SIZE, FRAME_TOO_LARGE, FRAME_TRUNCATED.
 */
export async function verifyImage(bytes: Uint8Array, expectation: FrameExpectation, decoders: ImageDecoders): Promise<Result<ImageFacts>> {
  const { frame } = expectation
  if (bytes.length === 0) return err(appError('FRAME_MISSING', { frame }))
  const kind = detectFormat(bytes)
  if (kind === undefined) return err(appError('FRAME_NOT_AN_IMAGE', { frame }))
  try {
    const facts = await describe(kind, bytes, decoders)
    const mistake = wrongFormat(facts, expectation) ?? wrongSize(facts, expectation) ?? tooLarge(facts, frame)
    if (mistake) return err(mistake)
    if (!hasProperEnd(kind, bytes) || !(await decodesWhole(kind, bytes, facts, decoders)))
      return err(appError('FRAME_TRUNCATED', { frame }))
    return ok(facts)
  } catch (error) {
    const code = error instanceof UnknownPicture ? 'FRAME_NOT_AN_IMAGE' : 'FRAME_TRUNCATED'
    return err(appError(code, { frame, reason: error instanceof Error ? error.message : String(error) }))
  }
}

async function describe(kind: PictureKind, bytes: Uint8Array, decoders: ImageDecoders): Promise<ImageFacts> {
  if (kind !== 'EXR') return { format: kind, ...(await decoders.describe(bytes)) }
  const { parts, multilayer, width, height } = readExrHeader(bytes)
  const channels = parts.flatMap((part) => part.channels)
  const bitDepth = Math.max(...channels.map((channel) => channel.bytes * 8))
  return { format: multilayer ? 'OPEN_EXR_MULTILAYER' : 'OPEN_EXR', width, height, channels: channels.length, bitDepth }
}

async function decodesWhole(kind: PictureKind, bytes: Uint8Array, facts: ImageFacts, decoders: ImageDecoders): Promise<boolean> {
  if (kind === 'EXR') {
    await decodeExr(bytes, decoders)
    return true
  }
  return (await decoders.decodeAll(bytes)) === facts.width * facts.height
}

/** The two kinds of EXR are one format: which one Blender writes depends on passes and views as well. */
const family = (format: ImageFormat) => (format === 'OPEN_EXR_MULTILAYER' ? 'OPEN_EXR' : format)

function wrongFormat(facts: ImageFacts, { frame, format }: FrameExpectation): AppError | undefined {
  if (format === undefined || family(format) === family(facts.format)) return undefined
  return appError('FRAME_WRONG_FORMAT', { frame, format: facts.format, wantedFormat: format })
}

function wrongSize(
  { width, height }: ImageFacts,
  { frame, width: wantedWidth, height: wantedHeight }: FrameExpectation,
): AppError | undefined {
  const fits = (wantedWidth === undefined || wantedWidth === width) && (wantedHeight === undefined || wantedHeight === height)
  return fits
    ? undefined
    : appError('FRAME_WRONG_SIZE', { frame, width, height, wantedWidth: wantedWidth ?? '?', wantedHeight: wantedHeight ?? '?' })
}

function tooLarge({ width, height, channels, bitDepth }: ImageFacts, frame: number): AppError | undefined {
  const pixels = width * height
  if (pixels <= megapixelLimit * 1_000_000 && (pixels * channels * bitDepth) / 8 <= sampleByteLimit) return undefined
  return appError('FRAME_TOO_LARGE', { frame, width, height, limit: megapixelLimit })
}
