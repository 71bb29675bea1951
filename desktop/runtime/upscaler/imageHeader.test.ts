import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { readImageHeader } from '#shared/images/imageHeader.ts'

/** Against what libvips writes and reads. */
const noise = (width = 37, height = 23, channels: 3 | 4 = 3) =>
  sharp(randomBytes(width * height * channels), { raw: { width, height, channels } })
const size = { width: 37, height: 23 }

test.each([
  ['PNG', () => noise().png()],
  ['PNG', () => noise(37, 23, 4).png()],
  ['PNG', () => noise().png({ palette: true })],
  ['PNG', () => noise().toColourspace('b-w').png()],
  ['JPEG', () => noise().jpeg()],
  ['JPEG', () => noise().jpeg({ progressive: true })],
  ['JPEG', () => noise().withIccProfile('p3').jpeg()],
  ['WEBP', () => noise().webp()],
  ['WEBP', () => noise().webp({ lossless: true })],
  ['WEBP', () => noise(37, 23, 4).webp()],
  ['WEBP', () => noise(37, 23, 4).webp({ lossless: true })],
] as const)('%s: the size stands in the header', async (kind, make) => {
  expect(readImageHeader('a', await make().toBuffer())).toEqual({ ok: true, value: { kind, ...size } })
})

test('a JPEG that is to be turned has the size that is seen', async () => {
  for (const orientation of [1, 3, 6, 8]) {
    const bytes = await noise().jpeg().withMetadata({ orientation }).toBuffer()
    const seen = await sharp(bytes).autoOrient().toBuffer({ resolveWithObject: true })
    expect(readImageHeader('a', bytes)).toMatchObject({ ok: true, value: { width: seen.info.width, height: seen.info.height } })
  }
})

test.each([
  ['16 bit', () => noise().toColourspace('rgb16').png().toBuffer()],
  ['CMYK', () => noise().toColourspace('cmyk').jpeg().toBuffer()],
  ['not PNG', () => noise().tiff().toBuffer()],
  ['not PNG', () => noise().gif().toBuffer()],
  ['not PNG', () => Promise.resolve(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))],
  ['cut off', () => Promise.resolve(Buffer.from([0xff, 0xd8, 0xff, 0xe0]))],
])('%s is refused with that reason', async (reason, make) => {
  const found = readImageHeader('a', await make())
  expect(found).toMatchObject({ ok: false, error: { code: 'IMAGE_NOT_SUPPORTED' } })
  expect(found.ok ? '' : found.error.details?.['reason']).toContain(reason)
})

test('an animation is refused', async () => {
  const two = await sharp(randomBytes(8 * 16 * 3), { raw: { width: 8, height: 16, channels: 3, pageHeight: 8 } })
    .webp()
    .toBuffer()
  expect(readImageHeader('a', two)).toMatchObject({ ok: false, error: { details: { reason: 'animated' } } })
})

test('whatever bytes come, the answer is data', async () => {
  const wholes = await Promise.all([noise().png().toBuffer(), noise().jpeg().toBuffer(), noise(9, 9, 4).webp().toBuffer()])
  for (const whole of wholes) for (let length = 0; length < whole.length; length += 1) readImageHeader('a', whole.subarray(0, length))
  fc.assert(
    fc.property(fc.constantFrom(...wholes), fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 8 }), (whole, changes) => {
      const damaged = Uint8Array.from(whole)
      for (const [at, value] of changes) damaged[at] = value
      expect(() => readImageHeader('a', damaged)).not.toThrow()
    }),
  )
})
