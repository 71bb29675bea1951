import type { ImageDecoders } from '../imageDecoders.ts'
import { PixelDamage } from '../pixelDamage.ts'
import { samplesOf, type ChunkShape } from './chunkShape.ts'
import type { ExrChannel } from './header.ts'
import { checkHuffman } from './huffman.ts'
import { createReader, type ByteReader } from './reader.ts'
import { runLengthSize } from './runLength.ts'

type Scheme = 'unknown' | 'cosine' | 'runLength'
interface Rule {
  suffix: string
  kind: ExrChannel['kind']
  scheme: Scheme
  anyCase: boolean
}

/**
 * DWAA/DWAB: four streams (other, AC and DC of the cosine blocks, run lengths), whose unpacked sizes must be what the channels
 * need by the rules stored in the chunk. Format: OpenEXR, ImfDwaCompressor.cpp. Throws PixelDamage.
 */
export async function checkDwa(packed: Uint8Array, shape: ChunkShape, decoders: ImageDecoders): Promise<void> {
  const reader = createReader(packed)
  const version = reader.u64()
  const [otherSize, otherPacked, acPacked, dcPacked, runPacked] = [reader.u64(), reader.u64(), reader.u64(), reader.u64(), reader.u64()]
  const [runMiddle, runSize, acCount, dcCount, acMethod] = [reader.u64(), reader.u64(), reader.u64(), reader.u64(), reader.u64()]
  if (version > 2) throw new PixelDamage('an unknown version of DWA')
  const wanted = wantedSizes(shape, version === 2 ? readRules(reader) : legacyRules)
  if (otherSize !== wanted.other || runSize !== wanted.runLength || dcCount !== wanted.blocks)
    throw new PixelDamage('a chunk of the wrong size')
  if (acCount > wanted.blocks * 63) throw new PixelDamage('a chunk that cannot be')
  const [other, ac, dc, run] = [reader.bytes(otherPacked), reader.bytes(acPacked), reader.bytes(dcPacked), reader.bytes(runPacked)]
  if (reader.at !== packed.length) throw new PixelDamage('a chunk of the wrong size')
  await inflateTo(other, otherSize, decoders)
  if (acMethod === 0) await checkHuffman(ac, acCount, decoders)
  else await inflateTo(ac, acCount * 2, decoders)
  await inflateTo(dc, dcCount * 2, decoders)
  const middle = await inflateTo(run, runMiddle, decoders)
  if (runLengthSize(middle, runSize) !== runSize) throw new PixelDamage('a chunk of the wrong size')
}

async function inflateTo(packed: Uint8Array, size: number, decoders: ImageDecoders): Promise<Uint8Array> {
  if (packed.length === 0 && size === 0) return packed
  const unpacked = await decoders.inflate(packed, size)
  if (unpacked.length !== size) throw new PixelDamage(`a chunk gave ${unpacked.length} bytes instead of ${size}`)
  return unpacked
}

function readRules(reader: ByteReader): Rule[] {
  const end = reader.at + reader.u16()
  const rules: Rule[] = []
  while (reader.at < end) {
    const suffix = reader.text()
    const value = reader.u8()
    const kind = (['uint', 'half', 'float'] as const)[reader.u8()]
    const scheme = (['unknown', 'cosine', 'runLength'] as const)[(value >> 2) & 3]
    if (kind === undefined || scheme === undefined) throw new PixelDamage('a damaged rule')
    rules.push({ suffix, kind, scheme, anyCase: (value & 1) === 1 })
  }
  if (reader.at !== end) throw new PixelDamage('a damaged rule')
  return rules
}

/** What version 0 and 1 had built in. */
const legacyRules: Rule[] = (['half', 'float'] as const).flatMap((kind) => [
  ...['r', 'red', 'g', 'grn', 'green', 'b', 'blu', 'blue', 'y', 'by', 'ry'].map((suffix) => ({
    suffix,
    kind,
    scheme: 'cosine' as const,
    anyCase: true,
  })),
  { suffix: 'a', kind, scheme: 'runLength' as const, anyCase: true },
])

function wantedSizes(shape: ChunkShape, rules: readonly Rule[]): { other: number; runLength: number; blocks: number } {
  const sizes = { other: 0, runLength: 0, blocks: 0 }
  for (const channel of shape.channels) {
    const { columns, lines } = samplesOf(channel, shape)
    const scheme = schemeOf(channel, rules)
    if (scheme === 'cosine') sizes.blocks += Math.ceil(columns / 8) * Math.ceil(lines / 8)
    else sizes[scheme === 'runLength' ? 'runLength' : 'other'] += columns * lines * channel.bytes
  }
  return sizes
}

function schemeOf({ name, kind }: ExrChannel, rules: readonly Rule[]): Scheme {
  const suffix = name.slice(name.lastIndexOf('.') + 1)
  const fits = (rule: Rule) =>
    rule.kind === kind && (rule.anyCase ? rule.suffix.toLowerCase() === suffix.toLowerCase() : rule.suffix === suffix)
  return rules.findLast(fits)?.scheme ?? 'unknown'
}
