import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import parseExr from 'parse-exr'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { verifyImage } from '#shared/images/verifyImage.ts'
import { createNodeDecoders } from './nodeDecoders.ts'
import { verifyFrame } from './verifyFrame.ts'

/** All written by Blender 3.4.1 on Debian 12, 44 × 35 pixels: every format and compression it can write. */
const folder = new URL('./fixtures/', import.meta.url).pathname
const fixtures = readdirSync(folder)
const size = { width: 44, height: 35 }

const verify = (bytes: Uint8Array, expectation = {}) => verifyImage(bytes, { frame: 7, ...expectation }, createNodeDecoders(20_000))
const codeOf = async (bytes: Uint8Array, expectation = {}) => {
  const result = await verify(bytes, expectation)
  return result.ok ? 'ok' : result.error.code
}
const load = (name: string) => readFile(join(folder, name))
const formatOf = (name: string) => ({ png: 'PNG', jpg: 'JPEG', tif: 'TIFF', exr: 'OPEN_EXR' })[name.split('.').at(-1) ?? '']

test('the fixtures hold every compression of OpenEXR and TIFF', () => {
  expect(fixtures).toHaveLength(26)
})

describe.each(fixtures)('%s', (name) => {
  test('is accepted with its size and format', async () => {
    const result = await verifyFrame(join(folder, name), { frame: 7, format: formatOf(name) as 'PNG', ...size })
    expect(result).toMatchObject({ ok: true, value: size })
    if (result.ok && name.startsWith('layers')) expect(result.value.format).toBe('OPEN_EXR_MULTILAYER')
  })

  test('is refused when cut anywhere', async () => {
    const bytes = await load(name)
    const lengths = [
      ...Array.from({ length: 23 }, (_, step) => Math.floor((bytes.length * (step + 1)) / 24)),
      bytes.length - 1,
      bytes.length - 2,
      bytes.length - 9,
    ]
    for (const length of lengths) expect(await codeOf(bytes.subarray(0, length)), `${length} of ${bytes.length}`).not.toBe('ok')
  })

  test('is refused with a code when another size or format was wanted', async () => {
    const bytes = await load(name)
    expect(await codeOf(bytes, { width: 45, height: 35 })).toBe('FRAME_WRONG_SIZE')
    expect(await codeOf(bytes, { format: name.endsWith('.png') ? 'JPEG' : 'PNG' })).toBe('FRAME_WRONG_FORMAT')
  })
})

test.each(fixtures.filter((name) => /exr$/.test(name) && !/none/.test(name)))(
  '%s: damage in the middle of the pixels never passes as a crash',
  async (name) => {
    const bytes = await load(name)
    let refused = 0
    for (let step = 1; step < 30; step += 1) {
      const damaged = Buffer.from(bytes)
      const at = Math.floor((bytes.length * step) / 30)
      damaged.fill(0xff, at, at + 16)
      const code = await codeOf(damaged)
      expect(['ok', 'FRAME_TRUNCATED', 'FRAME_NOT_AN_IMAGE', 'FRAME_TOO_LARGE', 'FRAME_WRONG_SIZE']).toContain(code)
      if (code !== 'ok') refused += 1
    }
    expect(refused).toBeGreaterThan(2)
  },
)

test('what a public decoder reads of the plain EXR files is what ours accepts', async () => {
  for (const name of fixtures.filter((one) => /^(half|float)-(none|zip|zips|rle|piz|pxr24|dwaa|dwab)\.exr$/.test(one))) {
    const bytes = await load(name)
    const { width, height } = parseExr(new Uint8Array(bytes).buffer, 1015)
    expect({ width, height }, name).toEqual(size)
  }
})

describe('larger pictures', () => {
  const noise = { width: 1600, height: 1000, channels: 4 as const }
  const picture = () => sharp(randomBytes(noise.width * noise.height * 4), { raw: noise })

  test.each([
    ['PNG', () => picture().png({ compressionLevel: 1 }).toBuffer()],
    ['JPEG', () => picture().jpeg({ quality: 90 }).toBuffer()],
    ['progressive JPEG', () => picture().jpeg({ progressive: true }).toBuffer()],
    ['TIFF', () => picture().tiff({ compression: 'deflate' }).toBuffer()],
    ['uncompressed TIFF', () => picture().tiff({ compression: 'none' }).toBuffer()],
  ])('%s passes whole and is refused when cut', async (_name, make) => {
    const bytes = await make()
    expect(await codeOf(bytes, { width: 1600, height: 1000 })).toBe('ok')
    for (const part of [0.02, 0.5, 0.9, 0.999])
      expect(await codeOf(bytes.subarray(0, Math.floor(bytes.length * part)))).toBe('FRAME_TRUNCATED')
  })

  test('a valid header over zeros instead of pixels is refused', async () => {
    const bytes = await picture().png({ compressionLevel: 1 }).toBuffer()
    bytes.fill(0, Math.floor(bytes.length / 2), bytes.length - 12)
    expect(await codeOf(bytes)).toBe('FRAME_TRUNCATED')
    const jpeg = await picture().jpeg().toBuffer()
    jpeg.fill(0, Math.floor(jpeg.length / 2))
    expect(await codeOf(jpeg)).toBe('FRAME_TRUNCATED')
  })
})

describe('what is no picture', () => {
  let temporary = ''
  beforeAll(async () => void (temporary = await mkdtemp(join(tmpdir(), 'pictor-images-'))))
  afterAll(() => rm(temporary, { recursive: true, force: true }))

  test('nothing, text, a movie, an SVG and a GIF have their codes', async () => {
    expect(await codeOf(new Uint8Array())).toBe('FRAME_MISSING')
    expect(await codeOf(Buffer.from('not a picture'))).toBe('FRAME_NOT_AN_IMAGE')
    expect(await codeOf(Buffer.from('\0\0\0\x20ftypisom'))).toBe('FRAME_NOT_AN_IMAGE')
    expect(await codeOf(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))).toBe('FRAME_NOT_AN_IMAGE')
    expect(await codeOf(Buffer.from('GIF89a'))).toBe('FRAME_NOT_AN_IMAGE')
    expect(await verifyFrame(join(temporary, 'nowhere.png'), { frame: 3 })).toMatchObject({
      ok: false,
      error: { code: 'FRAME_MISSING', details: { frame: 3 } },
    })
    await writeFile(join(temporary, 'empty.png'), '')
    expect(await verifyFrame(join(temporary, 'empty.png'), { frame: 3 })).toMatchObject({ ok: false, error: { code: 'FRAME_MISSING' } })
  })

  test('a picture that claims to be enormous is refused before it is decoded', async () => {
    const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .png()
      .toBuffer()
    png.writeUInt32BE(2_000_000, 16)
    png.writeUInt32BE(2_000_000, 20)
    expect(['FRAME_TOO_LARGE', 'FRAME_TRUNCATED']).toContain(await codeOf(png))
    const exr = await load('half-zip.exr')
    const at = exr.indexOf('dataWindow\0box2i\0') + 'dataWindow\0box2i\0'.length + 4
    const display = exr.indexOf('displayWindow\0box2i\0') + 'displayWindow\0box2i\0'.length + 4
    for (const place of [at, display]) {
      exr.writeInt32LE(99_999, place + 8)
      exr.writeInt32LE(99_999, place + 12)
    }
    expect(await codeOf(exr)).toBe('FRAME_TOO_LARGE')
  })

  test('an EXR that stores fewer pixels than it shows is refused', async () => {
    const exr = await load('half-none.exr')
    const display = exr.indexOf('displayWindow\0box2i\0') + 'displayWindow\0box2i\0'.length + 4
    exr.writeInt32LE(87, display + 8)
    expect(await codeOf(exr, { width: 88, height: 35 })).toBe('FRAME_TRUNCATED')
  })
})
