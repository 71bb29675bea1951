import type { Pixels } from './decodeImage.ts'
import type { Network } from './network.ts'
import { mirrored, planTiles, tileOverlap, type Tile } from './tiles.ts'

/**
 * The picture enlarged, as pieces of whole rows from top to bottom: one row of tiles at a time is in memory. Alpha goes through the same network
 * where it is not the same everywhere in a tile. `side`: longest side of a tile, for tests.
 */
export async function* upscalePixels(
  pixels: Pixels,
  scale: 2 | 4,
  network: Network,
  onTile: (done: number, total: number) => void,
  side?: number,
): AsyncGenerator<Uint8Array> {
  const overlap = tileOverlap[scale]
  const rows = planTiles(pixels.width, pixels.height, overlap, side)
  const total = rows.length * (rows[0]?.length ?? 0)
  let done = 0
  for (const row of rows) {
    const height = (row[0]?.height ?? 0) * scale
    const out = new Uint8Array(pixels.width * scale * height * pixels.channels)
    for (const tile of row) {
      const seen = { width: tile.width + 2 * overlap, height: tile.height + 2 * overlap }
      const place = (large: Float32Array, channel: number, plane: number) =>
        put({ large, seenWidth: seen.width, seenHeight: seen.height, plane, tile, overlap, scale, out, pixels, channel })
      const colours = await network.run(cut(pixels, tile, overlap, [0, 1, 2]), seen.width, seen.height)
      for (const channel of [0, 1, 2]) place(colours, channel, channel)
      if (pixels.channels === 4) {
        const alpha = cut(pixels, tile, overlap, [3, 3, 3])
        const [first = 0] = alpha
        const large = alpha.every((value) => value === first) ? null : await network.run(alpha, seen.width, seen.height)
        if (large !== null) place(large, 3, 0)
        else fill(out, first, tile, scale, pixels.width)
      }
      done += 1
      onTile(done, total)
    }
    yield out
  }
}

/** Planes of a tile with its overlap. */
function cut(
  { data, width, height, channels }: Pixels,
  tile: Tile,
  overlap: number,
  taken: readonly [number, number, number],
): Float32Array {
  const [wide, high] = [tile.width + 2 * overlap, tile.height + 2 * overlap]
  const planes = new Float32Array(3 * wide * high)
  const columns = Int32Array.from({ length: wide }, (_, x) => mirrored(tile.x + x - overlap, width) * channels)
  for (let y = 0; y < high; y += 1) {
    const from = mirrored(tile.y + y - overlap, height) * width * channels
    for (let x = 0; x < wide; x += 1) {
      const at = from + (columns[x] ?? 0)
      for (let plane = 0; plane < 3; plane += 1) planes[(plane * high + y) * wide + x] = data[at + (taken[plane] ?? 0)] ?? 0
    }
  }
  return planes
}

interface Put {
  large: Float32Array
  seenWidth: number
  seenHeight: number
  plane: number
  tile: Tile
  overlap: number
  scale: number
  out: Uint8Array
  pixels: Pixels
  channel: number
}

/** The part of a tile that counts, rounded, into its place in the row of tiles. */
function put({ large, seenWidth, seenHeight, plane, tile, overlap, scale, out, pixels: { width, channels }, channel }: Put): void {
  const start = plane * seenWidth * seenHeight * scale * scale
  for (let y = 0; y < tile.height * scale; y += 1) {
    const from = start + (y + overlap * scale) * seenWidth * scale + overlap * scale
    const to = (y * width * scale + tile.x * scale) * channels + channel
    for (let x = 0; x < tile.width * scale; x += 1) {
      const value = Math.round(large[from + x] ?? 0)
      out[to + x * channels] = value < 0 ? 0 : value > 255 ? 255 : value
    }
  }
}

/** Alpha that is the same everywhere in the tile. */
function fill(out: Uint8Array, alpha: number, tile: Tile, scale: number, width: number): void {
  for (let y = 0; y < tile.height * scale; y += 1)
    for (let x = 0; x < tile.width * scale; x += 1) out[(y * width * scale + tile.x * scale + x) * 4 + 3] = alpha
}
