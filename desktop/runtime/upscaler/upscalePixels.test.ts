import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import type { Pixels } from './decodeImage.ts'
import { openNetwork, type Network } from './network.ts'
import { writePng } from './pngWriter.ts'
import { mirrored, planTiles, tileOverlap } from './tiles.ts'
import { upscalePixels } from './upscalePixels.ts'

/** Edges, curves and noise from a fixed seed: something that a seam would show in. */
function drawing(width: number, height: number, channels: 3 | 4): Pixels {
  let seed = 7
  const random = () => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648
  const data = new Uint8Array(width * height * channels)
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const ring = Math.hypot(x - width / 3, y - height / 2) % 14 < 7 ? 210 : 40
      const at = (y * width + x) * channels
      data.set([ring, (x * 5 + y * 3) % 256, Math.floor(random() * 256)], at)
      if (channels === 4) data[at + 3] = x > y ? 255 : 30
    }
  return { data, width, height, channels }
}

async function whole(pixels: Pixels, scale: 2 | 4, side: number): Promise<Uint8Array> {
  const network = await openNetwork(scale, ['CPU'], 2, () => undefined)
  const pieces: Uint8Array[] = []
  for await (const piece of upscalePixels(pixels, scale, network, () => undefined, side)) pieces.push(piece)
  return Buffer.concat(pieces)
}

test.each([
  [2, 3],
  [2, 4],
  [4, 3],
] as const)('×%i, %i channels: in tiles it is the picture in one piece', { timeout: 120_000 }, async (scale, channels) => {
  const pixels = drawing(90, 70, channels)
  const overlap = tileOverlap[scale]
  const once = await whole(pixels, scale, 90 + 2 * overlap)
  const tiled = await whole(pixels, scale, 32 + 2 * overlap)
  expect(tiled.length).toBe(90 * 70 * scale * scale * channels)
  // Sums in another order: a value at the very border between two numbers may round the other way.
  const differences = tiled.map((value, index) => Math.abs(value - (once[index] ?? 0)))
  expect(differences.reduce((most, value) => Math.max(most, value), 0)).toBeLessThanOrEqual(1)
})

test('of a 4K picture one row of tiles at a time is in memory, and the network never sees more than a tile', async () => {
  const [width, height] = [3_840, 2_160]
  let seen = 0
  // Only sizes count here: what it makes of a tile is grey.
  const network: Network = {
    backend: 'CPU',
    run: (_pixels, wide, high) => {
      seen = Math.max(seen, wide, high)
      return Promise.resolve(new Float32Array(3 * wide * high * 4))
    },
  }
  let [largest, total] = [0, 0]
  const pixels: Pixels = { data: new Uint8Array(width * height * 3), width, height, channels: 3 }
  for await (const piece of upscalePixels(pixels, 2, network, () => undefined)) {
    largest = Math.max(largest, piece.length)
    total += piece.length
  }
  expect(total).toBe(width * height * 4 * 3)
  expect(largest).toBeLessThanOrEqual(total / 9)
  expect(seen).toBeLessThanOrEqual(256)
})

test('too little overlap would show: the comparison can fail', { timeout: 120_000 }, async () => {
  const pixels = drawing(90, 70, 3)
  const before = tileOverlap[2]
  const once = await whole(pixels, 2, 90 + 2 * before)
  try {
    tileOverlap[2] = 1
    const tiled = await whole(pixels, 2, 34)
    expect(tiled.reduce((most, value, index) => Math.max(most, Math.abs(value - (once[index] ?? 0))), 0)).toBeGreaterThan(10)
  } finally {
    tileOverlap[2] = before
  }
})

describe('tiles', () => {
  test('cover every pixel once', () => {
    const sides = fc.record({ width: fc.integer({ min: 1, max: 700 }), height: fc.integer({ min: 1, max: 700 }) })
    fc.assert(
      fc.property(sides, fc.constantFrom(20, 28), ({ width, height }, overlap) => {
        const tiles = planTiles(width, height, overlap).flat()
        expect(tiles.reduce((sum, tile) => sum + tile.width * tile.height, 0)).toBe(width * height)
        expect(
          tiles.every((tile) => tile.width > 0 && tile.height > 0 && tile.x + tile.width <= width && tile.y + tile.height <= height),
        ).toBe(true)
        expect(Math.max(...tiles.map((tile) => Math.max(tile.width, tile.height))) + 2 * overlap).toBeLessThanOrEqual(256)
      }),
    )
  })

  test('beyond the edge the picture goes on mirrored, also where it is smaller than the overlap', () => {
    expect([-3, -2, -1, 0, 1, 2, 3, 4, 5].map((place) => mirrored(place, 3))).toEqual([2, 1, 0, 0, 1, 2, 2, 1, 0])
    expect(mirrored(-28, 1)).toBe(0)
  })
})

test.each([3, 4] as const)('a PNG of %i channels, written in pieces, reads back pixel by pixel', async (channels) => {
  const folder = await mkdtemp(join(tmpdir(), 'pictor-png-'))
  try {
    const { data, width, height } = drawing(61, 50, channels)
    async function* pieces() {
      for (let row = 0; row < height; row += 7) yield data.subarray(row * width * channels, Math.min(row + 7, height) * width * channels)
    }
    await writePng(join(folder, 'a.png'), { width, height, channels }, pieces())
    const read = await sharp(join(folder, 'a.png'), { failOn: 'warning' }).raw().toBuffer({ resolveWithObject: true })
    expect(read.info).toMatchObject({ width, height, channels })
    expect(Buffer.compare(read.data, Buffer.from(data))).toBe(0)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
