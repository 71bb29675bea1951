import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { createGunzip, createZstdDecompress, zstdDecompress } from 'node:zlib'
import { unpackZstdFrames, zstdFrameLimitBytes } from '#shared/scenes/zstdFrames.ts'

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

/** The first bytes of a scene without compression; `limitBytes` of the file are read for it. Cut off as it is, it may end in an error. */
export function blendStart(path: string, compression: BlendCompression, limitBytes: number): Readable {
  const file = createReadStream(path, { end: limitBytes - 1 })
  if (compression === 'none') return file
  const unpack = compression === 'gzip' ? createGunzip() : createZstdDecompress()
  file.on('error', (error) => unpack.destroy(error))
  unpack.on('close', () => file.destroy())
  return file.pipe(unpack)
}

const unpackAll = promisify(zstdDecompress)
const unpackFrame = (frame: Uint8Array) => unpackAll(frame, { maxOutputLength: zstdFrameLimitBytes })

/** All bytes of a scene without compression, piece by piece. Fails on damaged or cut data. */
export function blendBytes(path: string, compression: BlendCompression): Readable {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 })
  if (compression === 'none') return file
  const unpacked =
    compression === 'gzip' ? file.pipe(createGunzip()) : Readable.from(unpackZstdFrames(file as AsyncIterable<Buffer>, unpackFrame))
  file.on('error', (error) => unpacked.destroy(error))
  unpacked.on('close', () => file.destroy())
  return unpacked
}
