import { existsSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { appError, toAppError, type AppError } from '#shared/errors/appError.ts'
import type { UpscalerConfig, UpscalerEvent, UpscaleImage } from './config.ts'
import { decodeImage } from './decodeImage.ts'
import { firstLine, openNetwork, type Network } from './network.ts'
import { writePng } from './pngWriter.ts'
import { upscalePixels } from './upscalePixels.ts'

export const frameFile = (frame: number): string => `frame_${String(frame).padStart(6, '0')}.png`

/** Upscales the pictures one after the other, each into a file of its own, and says how far it is. Ends at the first that fails. */
export async function runUpscaler(config: UpscalerConfig, runtime: string, say: (event: UpscalerEvent) => void): Promise<void> {
  // One picture after the other: nothing of the last one is of use for the next.
  sharp.cache(false)
  if (config.threads !== undefined) sharp.concurrency(config.threads)
  let network: Network
  try {
    network = await openNetwork(config.scale, config.backends, config.threads, (backend, reason) =>
      say({ event: 'refused', backend, reason }),
    )
  } catch (error) {
    return say(failed(appError('UPSCALER_FAILED', { reason: firstLine(error) })))
  }
  say({ event: 'ready', backend: network.backend, runtime })
  for (const image of config.images) {
    if (existsSync(config.lastFrameFile)) return say({ event: 'stopped', frame: image.frame })
    say({ event: 'frameStarted', frame: image.frame })
    const error = await upscaleImage(image, config, network, say).catch(whatHappened)
    if (error !== null) return say(failed(error, image.frame))
  }
}

async function upscaleImage(
  image: UpscaleImage,
  { scale, outputFolder }: UpscalerConfig,
  network: Network,
  say: (event: UpscalerEvent) => void,
): Promise<AppError | null> {
  const startedAt = performance.now()
  const { frame } = image
  const pixels = await decodeImage(image, scale)
  if (!pixels.ok) return pixels.error
  const { width, height, channels } = pixels.value
  const path = join(outputFolder, frameFile(frame))
  const rows = upscalePixels(pixels.value, scale, network, (done, total) => say({ event: 'progress', frame, done, total }))
  await writePng(path, { width: width * scale, height: height * scale, channels }, rows)
  say({ event: 'frameSaved', frame, path, elapsedMs: Math.round(performance.now() - startedAt) })
  return null
}

function failed({ code, details }: AppError, frame?: number): UpscalerEvent {
  // Through JSON, as it travels: without what is not set.
  const plain = JSON.parse(JSON.stringify(details ?? {})) as Record<string, never>
  return { event: 'failed', code, details: plain, ...(frame === undefined ? {} : { frame }) }
}

function whatHappened(error: unknown): AppError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ENOSPC' || code === 'EDQUOT') return appError('DISK_FULL', { what: 'the pictures' })
  if (code !== '' && error instanceof Error && 'syscall' in error)
    return appError('OUTPUT_UNWRITABLE', { path: 'path' in error ? String(error.path) : '' })
  const { code: known } = toAppError(error)
  return known === 'UNEXPECTED' ? appError('UPSCALER_FAILED', { reason: firstLine(error) }) : toAppError(error)
}
