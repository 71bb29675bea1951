import { promisify } from 'node:util'
import { inflate } from 'node:zlib'
import sharp from 'sharp'
import type { ImageDecoders } from '#shared/images/imageDecoders.ts'
import { megapixelLimit } from '#shared/images/verifyImage.ts'

const inflateAsync = promisify(inflate)
const bits: Record<string, number> = { char: 8, uchar: 8, short: 16, ushort: 16, int: 32, uint: 32, float: 32, double: 64 }

/** Real decoders for one picture: libvips (in its own threads) and zlib. The clock runs from here. */
export function createNodeDecoders(timeoutMs: number): ImageDecoders {
  const deadline = performance.now() + timeoutMs
  // 'warning' refuses what 'truncated' lets pass: JPEG and TIFF data that end early.
  const open = (bytes: Uint8Array) =>
    sharp(bytes, { failOn: 'warning', sequentialRead: true, limitInputPixels: megapixelLimit * 1_000_000 }).timeout({
      seconds: Math.ceil(timeoutMs / 1000),
    })
  return {
    describe: async (bytes) => {
      const { width, height, channels, depth } = await open(bytes).metadata()
      return { width, height, channels, bitDepth: bits[depth] ?? 8 }
    },
    // One channel out keeps memory small; every pixel has to be decoded for it all the same.
    decodeAll: async (bytes) => (await open(bytes).extractChannel(0).raw({ depth: 'uchar' }).toBuffer()).length,
    inflate: (bytes, limitBytes) => inflateAsync(bytes, { maxOutputLength: Math.max(1, limitBytes) }),
    breathe: async () => {
      if (performance.now() > deadline) throw new Error('the picture took too long to decode')
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}
