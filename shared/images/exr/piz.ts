import type { ImageDecoders } from '../imageDecoders.ts'
import { PixelDamage } from '../pixelDamage.ts'
import { checkHuffman } from './huffman.ts'
import { createReader } from './reader.ts'

/** PIZ: a bitmap of the values in use, then Huffman-coded words, two for each sample of four bytes. Throws PixelDamage. */
export async function checkPiz(packed: Uint8Array, sampleBytes: number, decoders: ImageDecoders): Promise<void> {
  const reader = createReader(packed)
  const [lowest, highest] = [reader.u16(), reader.u16()]
  if (highest >= 8_192) throw new PixelDamage('a damaged value table')
  if (lowest <= highest) reader.bytes(highest - lowest + 1)
  const length = reader.i32()
  const code = reader.bytes(length)
  if (reader.at !== packed.length) throw new PixelDamage('a chunk of the wrong size')
  await checkHuffman(code, sampleBytes / 2, decoders)
}
