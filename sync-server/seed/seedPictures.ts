import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { createRandom, type Random } from '#shared/seededRandom.ts'
import { createFolderFileStore } from '../files/fileStore.ts'

export interface SeedPicture {
  sha256: string
  sizeBytes: number
  width: number
  height: number
  bytes: Buffer
}

const [width, height] = [640, 360]
const count = 12
const palettes = [
  [
    [24, 32, 52],
    [240, 196, 120],
    [214, 96, 70],
  ],
  [
    [16, 40, 44],
    [150, 220, 200],
    [240, 236, 214],
  ],
  [
    [40, 22, 48],
    [236, 130, 150],
    [250, 214, 160],
  ],
  [
    [20, 26, 30],
    [120, 170, 230],
    [236, 240, 246],
  ],
] as const

/** Small rendered-looking pictures (balls under an evening sky), the same for the same seed: what the seeded frames show. */
export function makePictures(seed: number): Promise<SeedPicture[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => makePicture(createRandom(seed * 100 + index), index)))
}

/** Puts them into an owner's files, so that frames can be opened and downloaded. */
export async function keepPictures(dataFolder: string, ownerId: string, pictures: readonly SeedPicture[]): Promise<void> {
  const files = createFolderFileStore(join(dataFolder, 'files'))
  const scratch = join(dataFolder, 'files', 'seeding')
  await mkdir(scratch, { recursive: true, mode: 0o700 })
  for (const { sha256, bytes } of pictures) {
    if (await files.has(ownerId, sha256)) continue
    const path = join(scratch, sha256)
    await writeFile(path, bytes)
    await files.commit(ownerId, sha256, path)
  }
}

async function makePicture(random: Random, index: number): Promise<SeedPicture> {
  const bytes = await sharp(paint(random, index), { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 9 })
    .toBuffer()
  return { sha256: createHash('sha256').update(bytes).digest('hex'), sizeBytes: bytes.length, width, height, bytes }
}

interface Ball {
  x: number
  y: number
  z: number
  radius: number
  color: readonly number[]
}

function paint(random: Random, index: number): Buffer {
  const [night, glow, accent] = palettes[index % palettes.length] ?? palettes[0]
  const balls: Ball[] = Array.from({ length: 5 }, (_, slot) => {
    const radius = 0.35 + random.next() * 0.55
    return {
      x: (slot - 2) * 1.15 + random.next() * 0.4,
      y: radius - 1,
      z: 4 + random.next() * 2.5,
      radius,
      color: slot % 2 === 0 ? accent : glow,
    }
  })
  const pixels = Buffer.alloc(width * height * 3)
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const ray = normal([(column / width - 0.5) * 1.6, (0.5 - row / height) * 0.9, 1])
      const color = shade(ray, balls, night, glow)
      for (let channel = 0; channel < 3; channel++)
        pixels[(row * width + column) * 3 + channel] = Math.max(0, Math.min(255, Math.round(color[channel] ?? 0)))
    }
  return pixels
}

type Vector = readonly [number, number, number]
const light: Vector = [0.458, 0.733, -0.504]

function shade(ray: Vector, balls: readonly Ball[], night: readonly number[], glow: readonly number[]): number[] {
  let nearest = Number.POSITIVE_INFINITY
  let hit: Ball | null = null
  for (const ball of balls) {
    const distance = distanceTo(ray, ball)
    if (distance < nearest) [nearest, hit] = [distance, ball]
  }
  const sky = (up: number): number[] => mix(glow, night, Math.min(1, Math.max(0, 0.15 + up * 1.6)))
  if (hit !== null) {
    const at = ray.map((part) => part * nearest) as unknown as Vector
    const facing = normal([at[0] - hit.x, at[1] - hit.y, at[2] - hit.z])
    const lit = Math.max(0, dot(facing, light))
    const mirror = facing.map((part, axis) => (ray[axis] ?? 0) - 2 * dot(ray, facing) * part)
    return mix(
      hit.color.map((part) => part * (0.22 + 0.85 * lit)),
      sky(mirror[1] ?? 0),
      0.22,
    ).map((part) => part + 90 * lit ** 40)
  }
  if (ray[1] >= 0) return sky(ray[1])
  const distance = -1 / ray[1]
  const floor = [ray[0] * distance, ray[2] * distance] as const
  const shadow = balls.some(({ x, z, radius }) => (floor[0] - x + 0.35) ** 2 + (floor[1] - z) ** 2 < (radius * 0.95) ** 2) ? 0.45 : 1
  const tile = (Math.floor(floor[0]) + Math.floor(floor[1])) % 2 === 0 ? 0.62 : 0.52
  return mix(
    mix(night, glow, tile).map((part) => part * 0.8 * shadow),
    sky(0),
    Math.min(1, distance / 26),
  )
}

function distanceTo(ray: Vector, { x, y, z, radius }: Ball): number {
  const along = ray[0] * x + ray[1] * y + ray[2] * z
  const inside = along * along - (x * x + y * y + z * z - radius * radius)
  return inside < 0 ? Number.POSITIVE_INFINITY : along - Math.sqrt(inside)
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}
function normal(vector: Vector): Vector {
  const length = Math.sqrt(dot(vector, vector))
  return [vector[0] / length, vector[1] / length, vector[2] / length]
}
const mix = (a: readonly number[], b: readonly number[], share: number): number[] =>
  a.map((part, index) => part + ((b[index] ?? part) - part) * share)
