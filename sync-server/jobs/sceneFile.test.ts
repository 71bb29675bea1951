import { readFileSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { temporaryFolder, type TemporaryFolder } from '../testing/testTools.ts'
import { checkSceneFile } from './sceneFile.ts'

const blender = process.env['BLENDER'] ?? 'blender'
let folder: TemporaryFolder
let real: Buffer
/** e.g. "3.4" */
let version = ''
beforeAll(() => {
  folder = temporaryFolder()
  const path = join(folder.path, 'real.blend')
  const save = `import bpy; bpy.ops.wm.save_as_mainfile(filepath='${path}', compress=False)`
  execFileSync(blender, ['-b', '--factory-startup', '--python-expr', save], { stdio: 'ignore', timeout: 60_000 })
  real = readFileSync(path)
  version = /^Blender (\d+\.\d+)/m.exec(execFileSync(blender, ['-b', '--version'], { encoding: 'utf8', timeout: 60_000 }))?.[1] ?? ''
}, 90_000)
afterAll(() => folder.remove())

async function check(bytes: Buffer) {
  const path = join(folder.path, 'scene.blend')
  writeFileSync(path, bytes)
  return checkSceneFile(path, 'scene.blend')
}

it('reads a scene of the real Blender, plain, gzip and zstd', async () => {
  for (const bytes of [real, gzipSync(real), zstdCompressSync(real)]) expect(await check(bytes)).toEqual({ ok: true, value: { version } })
})

it('notices every kind of cut', async () => {
  const kinds = { plain: real, gzip: gzipSync(real), zstd: zstdCompressSync(real) }
  for (const bytes of Object.values(kinds))
    for (const share of [0.3, 0.6, 0.999]) {
      const result = await check(bytes.subarray(0, Math.floor(bytes.length * share)))
      expect(result).toMatchObject({ ok: false, error: { code: 'SCENE_TRUNCATED' } })
    }
})

it('knows the header of 5.x, and what is no scene at all', async () => {
  const block = Buffer.alloc(32)
  block.write('DATA')
  block.writeBigInt64LE(5n, 16)
  const since5 = Buffer.concat([Buffer.from('BLENDER17-01v0501'), block, Buffer.alloc(5), Buffer.from('ENDB'), Buffer.alloc(28)])
  expect(await check(since5)).toEqual({ ok: true, value: { version: '5.1' } })
  for (const bytes of ['', 'BLENDERISH, but not really so', 'PK\u0003\u0004 a zip', '\u001f\u008b broken gzip'])
    expect(await check(Buffer.from(bytes, 'latin1'))).toMatchObject({ ok: false, error: { code: 'SCENE_NOT_BLEND' } })
})

it('reads a scene that Blender itself compressed, in many frames with an index behind them', async () => {
  const bytes = readFileSync(new URL('../../build/demo/demo.blend', import.meta.url))
  expect(await check(bytes)).toEqual({ ok: true, value: { version: '3.4' } })
  expect(await check(bytes.subarray(0, bytes.length / 2))).toMatchObject({ error: { code: 'SCENE_TRUNCATED' } })
})
