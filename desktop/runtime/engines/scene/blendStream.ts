import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Readable, Transform } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'

export type BlendCompression = 'none' | 'gzip' | 'zstd'

/** How a .blend is stored: Blender up to 2.93 compressed with gzip, since 3.0 with zstd. Undefined for what is neither it nor plain. */
export async function compressionOf(path: string): Promise<BlendCompression | undefined> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(7), 0, 7, 0)
    const start = buffer.subarray(0, bytesRead)
    if (start.toString('latin1') === 'BLENDER') return 'none'
    if (start[0] === 0x1f && start[1] === 0x8b) return 'gzip'
    if (bytesRead >= 4 && start.readUInt32LE(0) === 0xfd2fb528) return 'zstd'
    return undefined
  } finally {
    await file.close()
  }
}

/**
 * The scene's bytes without compression, piece by piece. Ends early without an error only when `limitBytes` of the *file* were
 * read; otherwise damaged or cut data makes the stream fail.
 */
export function blendBytes(path: string, compression: BlendCompression, limitBytes?: number): Readable {
  const file = createReadStream(path, { highWaterMark: 256 * 1024, ...(limitBytes === undefined ? {} : { end: limitBytes - 1 }) })
  if (compression === 'none') return file
  const unpack: Transform = compression === 'gzip' ? createGunzip() : createZstdDecompress()
  file.on('error', (error) => unpack.destroy(error))
  unpack.on('close', () => file.destroy())
  return file.pipe(unpack)
}
