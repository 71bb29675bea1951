/** A part of a picture that the network sees at once: `width` × `height` pixels that count from `x`, `y`, and `overlap` more on each side. */
export interface Tile {
  x: number
  y: number
  width: number
  height: number
}

/** Longest side of what the network is given, with its overlap. Memory grows with its square: 256 take about 400 MB with the larger network. */
const tileSide = 256

/**
 * How far a pixel's surroundings reach into it: the sum of what the network's layers see (10 and 18 pixels) and of two agreements (8), and a
 * little more. With so much overlap a picture in tiles is the picture in one piece.
 */
export const tileOverlap: Record<2 | 4, number> = { 2: 20, 4: 28 }

/** The rows of tiles from top to bottom, each from left to right; together they are the picture, without doubles. */
export function planTiles(width: number, height: number, overlap: number, side: number = tileSide): Tile[][] {
  const step = Math.max(1, side - 2 * overlap)
  const starts = (length: number) => Array.from({ length: Math.ceil(length / step) }, (_, index) => index * step)
  return starts(height).map((y) =>
    starts(width).map((x) => ({ x, y, width: Math.min(step, width - x), height: Math.min(step, height - y) })),
  )
}

/** Beyond its edge a picture goes on mirrored, so that the network sees no frame around it. */
export function mirrored(position: number, length: number): number {
  const folded = ((position % (2 * length)) + 2 * length) % (2 * length)
  return folded < length ? folded : 2 * length - 1 - folded
}
