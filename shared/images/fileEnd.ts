import type { PictureKind } from './detectFormat.ts'

/**
 * Whether the file has its proper end. Decoders stop at the last pixel, so a file that lost its very last bytes can still
 * decode; what was cut anywhere is not what Blender wrote.
 */
export function hasProperEnd(kind: PictureKind, bytes: Uint8Array): boolean {
  if (kind === 'PNG') return endsWithIend(bytes)
  // Some writers add padding after the end marker.
  if (kind === 'JPEG') return lastIndexOfMarker(bytes, 0xd9) >= bytes.length - 64
  return true
}

function endsWithIend(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 8
  while (at + 12 <= bytes.length) {
    const length = view.getUint32(at)
    const type = view.getUint32(at + 4)
    at += 12 + length
    if (type === 0x49454e44) return at <= bytes.length
  }
  return false
}

function lastIndexOfMarker(bytes: Uint8Array, marker: number): number {
  for (let at = bytes.length - 2; at >= 2; at -= 1) if (bytes[at] === 0xff && bytes[at + 1] === marker) return at
  return -1
}
