import type { ImageDecoders } from '../imageDecoders.ts'
import { PixelDamage } from '../pixelDamage.ts'
import { createReader } from './reader.ts'

const symbolLimit = 65_537
const longestCode = 48
const tableBits = 14
const breatheEverySymbols = 2_000_000

/**
 * Decodes OpenEXR's Huffman data (PIZ, DWA) and checks that it gives exactly `wanted` 16 bit words.
 * The words themselves are not kept: what follows in those methods (wavelet, cosine) cannot fail.
 * Format: OpenEXR, ImfHuf.cpp. Throws PixelDamage.
 */
export async function checkHuffman(packed: Uint8Array, wanted: number, decoders: ImageDecoders): Promise<void> {
  if (packed.length === 0 && wanted === 0) return
  const header = createReader(packed)
  const [first, last, , bits] = [header.u32(), header.u32(), header.u32(), header.u32()]
  header.u32()
  if (first >= symbolLimit || last >= symbolLimit || first > last) throw new PixelDamage('a damaged code table')
  const { lengths, end } = readLengths(packed, header.at, first, last)
  const data = packed.subarray(end)
  if (Math.ceil(bits / 8) > data.length) throw new PixelDamage('the code ends too early')
  await walk(data, bits, buildCodes(lengths, first, last), last, wanted, decoders)
}

/** Code lengths, six bits each; 59 to 62 stand for 2 to 5 unused symbols, 63 for 6 and more. */
function readLengths(packed: Uint8Array, start: number, first: number, last: number): { lengths: Uint8Array; end: number } {
  const lengths = new Uint8Array(symbolLimit)
  let position = start * 8
  const take = (count: number): number => {
    if (position + count > packed.length * 8) throw new PixelDamage('a damaged code table')
    let value = 0
    for (let index = 0; index < count; index += 1, position += 1)
      value = value * 2 + (((packed[position >> 3] ?? 0) >> (7 - (position & 7))) & 1)
    return value
  }
  for (let symbol = first; symbol <= last; symbol += 1) {
    const length = take(6)
    if (length < 59) lengths[symbol] = length
    else {
      const unused = length === 63 ? take(8) + 6 : length - 57
      if (symbol + unused > last + 1) throw new PixelDamage('a damaged code table')
      symbol += unused - 1
    }
  }
  return { lengths, end: Math.ceil(position / 8) }
}

interface Codes {
  /** Per length: the first code, how many there are, and where their symbols begin in `symbols`. */
  base: Float64Array
  count: Uint32Array
  start: Uint32Array
  symbols: Uint32Array
  longest: number
  /** For the next 14 bits: symbol × 64 + length, or 0 when the code is longer. */
  fast: Uint32Array
}

/** The canonical code: the longest codes begin at 0, shorter ones stand above them; equal lengths in order of their symbols. */
function buildCodes(lengths: Uint8Array, first: number, last: number): Codes {
  const count = new Uint32Array(60)
  for (let symbol = first; symbol <= last; symbol += 1) {
    const length = lengths[symbol] ?? 0
    if (length > longestCode) throw new PixelDamage('a code that cannot be')
    if (length > 0) count[length] = (count[length] ?? 0) + 1
  }
  const base = new Float64Array(60)
  let code = 0
  for (let length = 58; length > 0; length -= 1) {
    base[length] = code
    code = Math.floor((code + (count[length] ?? 0)) / 2)
  }
  const start = new Uint32Array(60)
  for (let length = 1; length < 59; length += 1) start[length + 1] = (start[length] ?? 0) + (count[length] ?? 0)
  const symbols = new Uint32Array(start[59] ?? 0)
  const next = start.slice()
  const fast = new Uint32Array(1 << tableBits)
  let longest = 0
  for (let symbol = first; symbol <= last; symbol += 1) {
    const length = lengths[symbol] ?? 0
    if (length === 0) continue
    longest = Math.max(longest, length)
    const place = next[length] ?? 0
    next[length] = place + 1
    symbols[place] = symbol
    if (length > tableBits) continue
    const value = (base[length] ?? 0) + place - (start[length] ?? 0)
    const from = value << (tableBits - length)
    const to = from + (1 << (tableBits - length))
    if (to > fast.length) throw new PixelDamage('a code that cannot be')
    fast.fill(symbol * 64 + length, from, to)
  }
  return { base, count, start, symbols, longest, fast }
}

async function walk(data: Uint8Array, bits: number, codes: Codes, repeat: number, wanted: number, decoders: ImageDecoders): Promise<void> {
  let position = 0
  let words = 0
  let sinceBreath = 0
  while (position < bits) {
    const at = position >> 3
    const window = (((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0)) >> (24 - tableBits - (position & 7))
    const entry = codes.fast[window & ((1 << tableBits) - 1)] ?? 0
    let symbol = Math.floor(entry / 64)
    if (entry !== 0) position += entry % 64
    else {
      const long = longCode(data, position, codes)
      symbol = long.symbol
      position += long.length
    }
    if (symbol === repeat) {
      if (position + 8 > bits || words === 0) throw new PixelDamage('a damaged code')
      words += byteAt(data, position)
      position += 8
    } else words += 1
    if (words > wanted) throw new PixelDamage('more samples than there can be')
    if (++sinceBreath > breatheEverySymbols) {
      sinceBreath = 0
      await decoders.breathe()
    }
  }
  if (position !== bits || words !== wanted) throw new PixelDamage(`the code gave ${words} samples instead of ${wanted}`)
}

function longCode(data: Uint8Array, position: number, codes: Codes): { symbol: number; length: number } {
  let value = 0
  for (let length = 1; length <= codes.longest; length += 1) {
    const bit = position + length - 1
    value = value * 2 + (((data[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1)
    const offset = value - (codes.base[length] ?? 0)
    if (length > tableBits && offset >= 0 && offset < (codes.count[length] ?? 0)) {
      return { symbol: codes.symbols[(codes.start[length] ?? 0) + offset] ?? 0, length }
    }
  }
  throw new PixelDamage('a code that cannot be')
}

function byteAt(data: Uint8Array, position: number): number {
  const at = position >> 3
  return ((((data[at] ?? 0) << 8) | (data[at + 1] ?? 0)) >> (8 - (position & 7))) & 0xff
}
