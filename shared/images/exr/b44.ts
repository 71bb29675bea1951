import { PixelDamage } from '../pixelDamage.ts'
import { samplesOf, type ChunkShape } from './chunkShape.ts'

/**
 * Walks the 4×4 blocks of B44 and B44A: 3 bytes for a flat block, 14 for another; channels that are not half are stored as they
 * are. The chunk must be used up exactly.
 */
export function checkB44(packed: Uint8Array, shape: ChunkShape): void {
  let at = 0
  for (const channel of shape.channels) {
    const { columns, lines } = samplesOf(channel, shape)
    if (channel.kind !== 'half') {
      at += columns * lines * channel.bytes
      continue
    }
    const blocks = Math.ceil(columns / 4) * Math.ceil(lines / 4)
    for (let block = 0; block < blocks; block += 1) {
      const shift = packed[at + 2]
      if (shift === undefined) throw new PixelDamage('a chunk ends too early')
      at += shift >= 13 << 2 ? 3 : 14
    }
  }
  if (at !== packed.length) throw new PixelDamage('a chunk of the wrong size')
}
