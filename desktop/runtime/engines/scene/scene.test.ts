import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compareVersions } from '#shared/rules/compareVersions.ts'
import { makeTestScene } from '../testing/makeTestScene.ts'
import { installedBlender } from '../testing/testEngine.ts'
import { chooseBlender } from './chooseBlender.ts'
import { parseHeader, readSceneHeader } from './sceneHeader.ts'
import { walkScene } from './walkScene.ts'

let folder = ''
let count = 0
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pictor-scene-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))
const write = async (bytes: Uint8Array) => {
  const path = join(folder, `${++count}.blend`)
  await writeFile(path, bytes)
  return path
}

/** A scene of the form of Blender 5.0: a header of 17 bytes, blocks with 64 bit lengths. */
function scene50(blocks: number[]): Buffer {
  const block = (code: string, length: number) => {
    const header = Buffer.alloc(32)
    header.write(code, 'latin1')
    header.writeBigInt64LE(BigInt(length), 16)
    return Buffer.concat([header, Buffer.alloc(length, 'E')])
  }
  return Buffer.concat([Buffer.from('BLENDER17-01v0500'), ...blocks.map((length) => block('DATA', length)), block('ENDB', 0)])
}

describe('the version of a scene', () => {
  test.each([
    ['BLENDER-v283', '2.83', 8],
    ['BLENDER_v279', '2.79', 4],
    ['BLENDER-V304', '3.4', 8],
    ['BLENDER-v405', '4.5', 8],
    ['BLENDER17-01v0500', '5.0', 8],
    ['BLENDER17-01v0512', '5.12', 8],
  ])('%s', (text, version, pointerBytes) => {
    expect(parseHeader(Buffer.from(`${text}REND`))).toMatchObject({ version, pointerBytes })
  })
  test.each(['BLENDERv304', 'BLENDER-x304', 'blender-v304', 'BLENDER17-01v05', ''])('%j is none', (text) => {
    expect(parseHeader(Buffer.from(text))).toBeUndefined()
  })
  test('is read from plain, gzip and zstd files', async () => {
    const plain = await readFile(await makeTestScene())
    const blender = await installedBlender()
    const version = blender.split('.').slice(0, 2).join('.')
    for (const [bytes, compression] of [
      [plain, 'none'],
      [gzipSync(plain), 'gzip'],
      [zstdCompressSync(plain), 'zstd'],
      [await readFile(await makeTestScene({ compress: true })), compareVersions(blender, '3.0') >= 0 ? 'zstd' : 'gzip'],
    ] as const) {
      expect(await readSceneHeader(await write(bytes))).toMatchObject({ ok: true, value: { version, compression } })
    }
  })
  test('what is no scene has its code', async () => {
    const codeOf = async (bytes: Uint8Array) => {
      const result = await readSceneHeader(await write(bytes))
      return result.ok ? 'ok' : result.error.code
    }
    expect(await codeOf(Buffer.from(''))).toBe('SCENE_NOT_BLEND')
    expect(await codeOf(Buffer.from('hello'))).toBe('SCENE_NOT_BLEND')
    expect(await codeOf(Buffer.from('BLENDER'))).toBe('SCENE_TRUNCATED')
    expect(await codeOf(Buffer.from('BLENDER-v3'))).toBe('SCENE_TRUNCATED')
    expect(await codeOf(gzipSync(Buffer.from('hello hello hello')))).toBe('SCENE_NOT_BLEND')
    expect(await codeOf(zstdCompressSync(Buffer.from('hello hello hello')))).toBe('SCENE_NOT_BLEND')
    expect(await codeOf(Buffer.from([0x1f, 0x8b, 1, 2, 3, 4, 5, 6]))).toBe('SCENE_NOT_BLEND')
  })
})

describe('walkScene', () => {
  const forms = async () => {
    const plain = await readFile(await makeTestScene())
    return [
      plain,
      gzipSync(plain),
      await readFile(await makeTestScene({ compress: true })),
      scene50([10, 0, 70_000, 3]),
      zstdCompressSync(scene50([5, 300_000])),
    ]
  }
  test('reaches the end of whole scenes of every form', async () => {
    for (const bytes of await forms()) {
      const walked = await walkScene(await write(bytes))
      expect(walked.ok && walked.value.blocks).toBeGreaterThan(0)
    }
  })
  test('sees that a scene was cut, wherever', async () => {
    for (const bytes of await forms()) {
      for (const part of [0.05, 0.3, 0.6, 0.9, 0.999]) {
        const walked = await walkScene(await write(bytes.subarray(0, Math.max(20, Math.floor(bytes.length * part) - 40))))
        expect(walked).toMatchObject({ ok: false, error: { code: 'SCENE_TRUNCATED' } })
      }
    }
  })
  test('never throws, whatever stands in the file', async () => {
    const plain = scene50([10, 200])
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.nat({ max: plain.length }), async (noise, at) => {
        const bytes = Buffer.from(plain)
        Buffer.from(noise).copy(bytes, at)
        expect(typeof (await walkScene(await write(bytes))).ok).toBe('boolean')
      }),
      { numRuns: 60 },
    )
  })
})

describe('chooseBlender', () => {
  const installed = ['5.0.1', '3.4.1', '4.2.3', '4.2.9', '4.5.0'].map((version) => ({ version }))
  test.each([
    ['2.83', '3.4.1'],
    ['3.4', '3.4.1'],
    ['3.6', '4.2.9'],
    ['4.2', '4.2.9'],
    ['4.3', '4.5.0'],
    ['5.0', '5.0.1'],
  ])('a scene of %s is opened with %s: the nearest that is not older', (scene, version) => {
    expect(chooseBlender(scene, installed)).toEqual({ ok: true, value: { version } })
  })
  test('never with an older one', () => {
    expect(chooseBlender('5.1', installed)).toMatchObject({
      ok: false,
      error: { code: 'SCENE_NEWER_THAN_BLENDER', details: { sceneVersion: '5.1', bestInstalled: '5.0.1' } },
    })
    expect(chooseBlender('3.4', [])).toMatchObject({ ok: false, error: { code: 'BLENDER_NOT_FOUND' } })
  })
})
