import { promisify } from 'node:util'
import { zstdDecompress } from 'node:zlib'

const unpack = promisify(zstdDecompress)
const frameMagic = 0xfd2fb528
/** Blender packs about one MiB into a frame; one that claims to be larger than this is not from Blender. */
const frameLimit = 256 * 1024 * 1024

/**
 * Unpacks zstd data of many frames, one after the other. Blender (since 3.0) writes a frame for about every MiB and an index behind
 * them, of which Node's own decoder reads only the first. Throws for damaged and cut data. Format: RFC 8878.
 */
export async function* zstdBytes(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const input = createInput(source)
  for (;;) {
    const start = await input.take(4, true)
    if (start.length === 0) return
    const magic = start.readUInt32LE(0)
    if ((magic & 0xfffffff0) >>> 0 === 0x184d2a50) {
      await input.skip((await input.take(4)).readUInt32LE(0))
      continue
    }
    if (magic !== frameMagic) throw new Error('no zstd frame')
    yield unpack(Buffer.concat([start, ...(await readFrame(input))]), { maxOutputLength: frameLimit })
  }
}

async function readFrame(input: Input): Promise<Buffer[]> {
  const descriptor = await input.take(1)
  const flags = descriptor[0] ?? 0
  const singleSegment = (flags & 0x20) !== 0
  const sizeBytes = [singleSegment ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0
  const dictionaryBytes = [0, 1, 2, 4][flags & 3] ?? 0
  const pieces = [descriptor, await input.take((singleSegment ? 0 : 1) + dictionaryBytes + sizeBytes)]
  let total = 0
  for (let last = false; !last;) {
    const block = await input.take(3)
    const value = block.readUIntLE(0, 3)
    last = (value & 1) === 1
    const size = ((value >> 1) & 3) === 1 ? 1 : value >> 3
    total += size
    if (total > frameLimit) throw new Error('a zstd frame that cannot be')
    pieces.push(block, await input.take(size))
  }
  if ((flags & 4) !== 0) pieces.push(await input.take(4))
  return pieces
}

interface Input {
  /** Exactly so many bytes; throws when there are fewer, unless `atEnd` allows none at all. */
  take(count: number, atEnd?: boolean): Promise<Buffer>
  skip(count: number): Promise<void>
}

function createInput(source: AsyncIterable<Buffer>): Input {
  const iterator = source[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  const more = async (): Promise<boolean> => {
    const next = await iterator.next()
    if (next.done) return false
    rest = rest.length === 0 ? next.value : Buffer.concat([rest, next.value])
    return true
  }
  return {
    async take(count, atEnd = false) {
      while (rest.length < count) {
        if (await more()) continue
        if (atEnd && rest.length === 0) return rest
        throw new Error('the zstd data ends too early')
      }
      const taken = rest.subarray(0, count)
      rest = rest.subarray(count)
      return taken
    },
    async skip(count) {
      let left = count
      while (left > 0) {
        if (rest.length === 0 && !(await more())) throw new Error('the zstd data ends too early')
        const step = Math.min(left, rest.length)
        rest = rest.subarray(step)
        left -= step
      }
    },
  }
}
