import type { ImageDecoders } from '../imageDecoders.ts'
import { PixelDamage } from '../pixelDamage.ts'
import { checkB44 } from './b44.ts'
import { sampleBytes, samplesOf, type ChunkShape } from './chunkShape.ts'
import { checkDwa } from './dwa.ts'
import { readExrHeader, type ExrPart } from './header.ts'
import { checkPiz } from './piz.ts'
import { createReader, type ByteReader } from './reader.ts'
import { runLengthSize } from './runLength.ts'

const chunkByteLimit = 1024 * 1024 * 1024
const breatheEveryBytes = 4 * 1024 * 1024

/**
 * Decodes every chunk of an OpenEXR file down to its samples: each must be there once, and unpack to exactly the size that its
 * lines and channels need. Throws PixelDamage (or what the decoders throw) for anything that is cut or damaged.
 */
export async function decodeExr(bytes: Uint8Array, decoders: ImageDecoders): Promise<void> {
  const header = readExrHeader(bytes)
  const tables = createReader(bytes, header.headerEnd)
  let since = 0
  for (const [index, part] of header.parts.entries()) {
    if (part.chunkCount * 8 > bytes.length) throw new PixelDamage('the file ends too early')
    const seen = new Set<number>()
    for (let count = 0; count < part.chunkCount; count += 1) {
      const chunk = createReader(bytes, tables.u64())
      if (header.multipart && chunk.i32() !== index) throw new PixelDamage('a chunk of another part')
      const { key, shape } = part.tile ? tileShape(part, part.tile, chunk) : lineShape(part, chunk)
      if (seen.has(key)) throw new PixelDamage('a chunk twice')
      seen.add(key)
      const packed = chunk.bytes(chunk.u32())
      await checkChunk(part, shape, packed, decoders)
      since += sampleBytes(shape)
      if (since > breatheEveryBytes) {
        since = 0
        await decoders.breathe()
      }
    }
  }
}

function lineShape(part: ExrPart, chunk: ByteReader): { key: number; shape: ChunkShape } {
  const y = chunk.i32()
  const line = y - part.y
  if (line < 0 || line >= part.height || line % part.linesPerChunk !== 0) throw new PixelDamage('a chunk outside the picture')
  const height = Math.min(part.linesPerChunk, part.height - line)
  return { key: line, shape: { channels: part.channels, x: part.x, y, width: part.width, height } }
}

function tileShape(part: ExrPart, tile: { width: number; height: number }, chunk: ByteReader): { key: number; shape: ChunkShape } {
  const [column, row, levelX, levelY] = [chunk.i32(), chunk.i32(), chunk.i32(), chunk.i32()]
  const [left, top] = [column * tile.width, row * tile.height]
  if (levelX !== 0 || levelY !== 0 || column < 0 || row < 0 || left >= part.width || top >= part.height)
    throw new PixelDamage('a tile outside the picture')
  const [width, height] = [Math.min(tile.width, part.width - left), Math.min(tile.height, part.height - top)]
  const shape = { channels: part.channels, x: part.x + left, y: part.y + top, width, height }
  return { key: row * Math.ceil(part.width / tile.width) + column, shape }
}

async function checkChunk(part: ExrPart, shape: ChunkShape, packed: Uint8Array, decoders: ImageDecoders): Promise<void> {
  const size = sampleBytes(shape)
  if (size > chunkByteLimit) throw new PixelDamage('a chunk that cannot be')
  // What would grow by packing is stored as it is, whatever the method.
  if (packed.length === size) return
  if (packed.length > size) throw new PixelDamage('a chunk of the wrong size')
  switch (part.compression) {
    case 'none':
      throw new PixelDamage('a chunk of the wrong size')
    case 'rle':
      return expectSize(runLengthSize(packed, size), size)
    case 'zips':
    case 'zip':
      return expectSize((await decoders.inflate(packed, size)).length, size)
    case 'pxr24': {
      const wanted = pxr24Bytes(shape)
      return expectSize((await decoders.inflate(packed, wanted)).length, wanted)
    }
    case 'piz':
      return checkPiz(packed, size, decoders)
    case 'b44':
    case 'b44a':
      return checkB44(packed, shape)
    case 'dwaa':
    case 'dwab':
      return checkDwa(packed, shape, decoders)
  }
}

function expectSize(found: number, wanted: number): void {
  if (found !== wanted) throw new PixelDamage(`a chunk gave ${found} bytes instead of ${wanted}`)
}

/** PXR24 keeps 24 bits of a float, and all of the others. */
function pxr24Bytes(shape: ChunkShape): number {
  return shape.channels.reduce((sum, channel) => {
    const { columns, lines } = samplesOf(channel, shape)
    return sum + columns * lines * (channel.kind === 'float' ? 3 : channel.bytes)
  }, 0)
}
