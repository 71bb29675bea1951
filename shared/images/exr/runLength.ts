import { PixelDamage } from '../pixelDamage.ts'

/**
 * Walks OpenEXR's run lengths to the end and gives the size they unpack to. A negative count is that many bytes as they are,
 * any other is one byte, count + 1 times. Throws PixelDamage when data is missing or it grows over `limitBytes`.
 */
export function runLengthSize(packed: Uint8Array, limitBytes: number): number {
  let at = 0
  let size = 0
  while (at < packed.length) {
    const byte = packed[at] ?? 0
    const count = byte > 127 ? byte - 256 : byte
    at += count < 0 ? 1 - count : 2
    size += count < 0 ? -count : count + 1
    if (at > packed.length || size > limitBytes) throw new PixelDamage('damaged run lengths')
  }
  return size
}
