const frameMagic = 0xfd2fb528
/** Blender packs about one MiB into a frame; one that claims to be larger than this is not from Blender. */
export const zstdFrameLimitBytes = 256 * 1024 * 1024

/** The data ends in the middle of a frame. */
export class ZstdCutError extends Error {}

/** Unpacks one whole zstd frame; rejects damaged data and more than `zstdFrameLimitBytes`. */
export type UnpackZstdFrame = (frame: Uint8Array) => Promise<Uint8Array>

/**
 * Unpacks zstd data of many frames, one after the other. Blender (since 3.0) writes a frame for about every MiB and an index behind them;
 * Node's own decoder reads only the first. Throws for damaged data, ZstdCutError for cut data. Format: RFC 8878.
 */
export async function* unpackZstdFrames(source: AsyncIterable<Uint8Array>, unpack: UnpackZstdFrame): AsyncGenerator<Uint8Array> {
  const input = createInput(source)
  for (;;) {
    const start = await input.take(4, true)
    if (start.length === 0) return
    const magic = littleEndian(start)
    if ((magic & 0xfffffff0) >>> 0 === 0x184d2a50) await input.skip(littleEndian(await input.take(4)))
    else if (magic === frameMagic) yield await unpack(joined([start, ...(await readFrame(input))]))
    else throw new Error('no zstd frame')
  }
}

async function readFrame(input: Input): Promise<Uint8Array[]> {
  const descriptor = await input.take(1)
  const flags = descriptor[0] ?? 0
  const singleSegment = (flags & 0x20) !== 0
  const sizeBytes = [singleSegment ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0
  const dictionaryBytes = [0, 1, 2, 4][flags & 3] ?? 0
  const pieces = [descriptor, await input.take((singleSegment ? 0 : 1) + dictionaryBytes + sizeBytes)]
  let total = 0
  for (let last = false; !last;) {
    const block = await input.take(3)
    const value = littleEndian(block)
    last = (value & 1) === 1
    const size = ((value >> 1) & 3) === 1 ? 1 : value >> 3
    total += size
    if (total > zstdFrameLimitBytes) throw new Error('a zstd frame that cannot be')
    pieces.push(block, await input.take(size))
  }
  if ((flags & 4) !== 0) pieces.push(await input.take(4))
  return pieces
}

interface Input {
  /** Exactly so many bytes; throws when there are fewer, unless `atEnd` allows none at all. */
  take(count: number, atEnd?: boolean): Promise<Uint8Array>
  skip(count: number): Promise<void>
}

function createInput(source: AsyncIterable<Uint8Array>): Input {
  const iterator = source[Symbol.asyncIterator]()
  let rest: Uint8Array = new Uint8Array(0)
  const more = async (): Promise<boolean> => {
    const next = await iterator.next()
    if (next.done === true) return false
    rest = rest.length === 0 ? next.value : joined([rest, next.value])
    return true
  }
  return {
    async take(count, atEnd = false) {
      while (rest.length < count) {
        if (await more()) continue
        if (atEnd && rest.length === 0) return rest
        throw new ZstdCutError()
      }
      const taken = rest.subarray(0, count)
      rest = rest.subarray(count)
      return taken
    },
    async skip(count) {
      let left = count
      while (left > 0) {
        if (rest.length === 0 && !(await more())) throw new ZstdCutError()
        const step = Math.min(left, rest.length)
        rest = rest.subarray(step)
        left -= step
      }
    },
  }
}

/** Of at most four bytes. */
const littleEndian = (bytes: Uint8Array): number => bytes.reduceRight((value, byte) => value * 256 + byte, 0)

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
