import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { localFile, type StoredFile } from '../files/fileStore.ts'
import { temporaryFolder, type TemporaryFolder } from '../testing/testTools.ts'
import { createThumbnailCache, thumbnailPixels } from './thumbnailCache.ts'

const blender = process.env['BLENDER'] ?? 'blender'
let folder: TemporaryFolder
beforeEach(() => (folder = temporaryFolder()))
afterEach(() => folder.remove())

const stored = (path: string) => localFile(path, statSync(path).size)
const pathOf = (file: StoredFile) => file.withPath((path) => Promise.resolve(path))

it('makes a small WebP once and keeps it; trims to its bound', async () => {
  const cache = createThumbnailCache(join(folder.path, 'thumbs'))
  const path = join(folder.path, 'large.png')
  await sharp({ create: { width: 1_920, height: 1_080, channels: 3, background: '#36a' } })
    .png()
    .toFile(path)
  const first = await cache.get('owner-1', 'a'.repeat(64), stored(path), 'PNG')
  if (first === 'full') throw new Error('full')
  const small = await pathOf(first)
  expect(await sharp(small).metadata()).toMatchObject({ format: 'webp', width: thumbnailPixels, height: 180 })
  const { mtimeMs } = statSync(small)
  await cache.get('owner-1', 'a'.repeat(64), stored(path), 'PNG')
  expect(statSync(small).mtimeMs).toBeCloseTo(mtimeMs, 0)
  await cache.get('owner-2', 'b'.repeat(64), stored(path), 'PNG')
  expect(await cache.trim(first.sizeBytes)).toBe(1)
  expect(await cache.trim(0)).toBe(1)
  expect(existsSync(small)).toBe(false)
})

it('shows an EXR from Blender the right way up, and rejects what is no picture', async () => {
  const cache = createThumbnailCache(join(folder.path, 'thumbs'))
  // A picture that is red above and blue below, saved as EXR by Blender itself.
  const script = `
import bpy
image = bpy.data.images.new('x', 32, 16, float_buffer=True)
image.pixels = [v for y in range(16) for x in range(32) for v in ((0, 0, 0.4, 1) if y < 8 else (0.4, 0, 0, 1))]
image.file_format = 'OPEN_EXR'
image.filepath_raw = '${join(folder.path, 'a.exr')}'
image.save()`
  writeFileSync(join(folder.path, 'make.py'), script)
  execFileSync(blender, ['-b', '--factory-startup', '-P', join(folder.path, 'make.py')], { stdio: 'ignore', timeout: 60_000 })
  expect(readdirSync(folder.path)).toContain('a.exr')
  const thumbnail = await cache.get('owner-1', 'e'.repeat(64), stored(join(folder.path, 'a.exr')), 'OPEN_EXR')
  if (thumbnail === 'full') throw new Error('full')
  const { data, info } = await sharp(await pathOf(thumbnail))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  expect([info.width, info.height]).toEqual([32, 16])
  const pixel = (x: number, y: number) => [...data.subarray((y * 32 + x) * 3, (y * 32 + x) * 3 + 3)]
  const [top = [], bottom = []] = [pixel(16, 2), pixel(16, 13)]
  expect(top[0]).toBeGreaterThan(120)
  expect(top[2]).toBeLessThan(60)
  expect(bottom[2]).toBeGreaterThan(120)
  expect(bottom[0]).toBeLessThan(60)
  writeFileSync(join(folder.path, 'no.exr'), 'this is no picture')
  await expect(cache.get('owner-1', 'f'.repeat(64), stored(join(folder.path, 'no.exr')), 'OPEN_EXR')).rejects.toThrow()
}, 90_000)
