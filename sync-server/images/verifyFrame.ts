import { readFile } from 'node:fs/promises'
import { durations } from '#shared/durations.ts'
import { appError } from '#shared/errors/appError.ts'
import type { FrameExpectation } from '#shared/images/frameExpectation.ts'
import { verifyImage, type ImageFacts } from '#shared/images/verifyImage.ts'
import { err, type Result } from '#shared/result.ts'
import { createNodeDecoders } from './nodeDecoders.ts'

/** Proves that the file of a frame is a whole picture of the right kind and size. Errors: as `verifyImage`; FRAME_MISSING without a file. */
export async function verifyFrame(path: string, expectation: FrameExpectation): Promise<Result<ImageFacts>> {
  const bytes = await readFile(path).catch(() => undefined)
  if (bytes === undefined) return err(appError('FRAME_MISSING', { frame: expectation.frame }))
  return verifyImage(bytes, expectation, createNodeDecoders(durations.decodeTimeoutMs))
}
