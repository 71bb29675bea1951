import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { ok, type Result } from '#shared/result.ts'
import { imageHeaderBytes, readImageHeader, type ImageHeader } from '#shared/images/imageHeader.ts'
import type { SizedFile } from '#shared/rules/upscale.ts'
import { sha256OfStream } from '../tasks/results/sha256.ts'
import type { PrepareScene } from './prepareScene.ts'

/** Names by which people mean a picture; whether it is one that can be upscaled its header says. */
const pictureName = /\.(png|apng|jpe?g|webp|exr|tiff?|gif|bmp|avif|heic|tga|hdr)$/i

/** Size and kind of a picture on this computer, by its header alone. Errors: IMAGE_NOT_SUPPORTED; rejects when it cannot be read. */
async function readImageFile(path: string): Promise<Result<ImageHeader>> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(imageHeaderBytes), 0, imageHeaderBytes, 0)
    return readImageHeader(basename(path), buffer.subarray(0, bytesRead))
  } finally {
    await file.close()
  }
}

/** Pictures of this computer that are ready to leave for a server. Errors: IMAGE_NOT_SUPPORTED; rejects when one cannot be read. */
export async function prepareImages(paths: readonly string[]): Promise<Result<Array<{ picture: SizedFile; path: string }>>> {
  const prepared: Array<{ picture: SizedFile; path: string }> = []
  for (const path of paths) {
    const header = await readImageFile(path)
    if (!header.ok) return header
    const { width, height } = header.value
    prepared.push({ picture: { ...(await sha256OfStream(createReadStream(path))), name: basename(path), width, height }, path })
  }
  return ok(prepared)
}

/** Takes pictures in beside scenes: one is staged like a scene of one frame without anything linked. */
export function prepareImageOr(prepareScene: PrepareScene): PrepareScene {
  return async (path, outputFolder, signal) => {
    if (!pictureName.test(path)) return prepareScene(path, outputFolder, signal)
    const header = await readImageFile(path)
    if (!header.ok) return header
    const { width, height } = header.value
    return ok({
      scene: { path, name: basename(path) },
      extraFiles: [],
      info: { blenderVersion: '', format: 'PNG', width, height },
      ...{ frameStart: 1, frameEnd: 1, warnings: [] },
    })
  }
}
