import { describe, expect, it } from 'vitest'
import { upscaleOffer } from './upscaleSubmission.ts'
import { readPictures } from './readPictures.ts'

/** A PNG's signature and IHDR: all that is read of it. */
function png(name: string, width: number, height: number, bits = 8): File {
  const bytes = new Uint8Array(33)
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52])
  const view = new DataView(bytes.buffer)
  view.setUint32(16, width)
  view.setUint32(20, height)
  bytes[24] = bits
  return new File([bytes], name)
}

describe('dropped pictures', () => {
  it('are read in the order of their names, and what cannot be upscaled is named', async () => {
    const { pictures, wrong } = await readPictures([
      png('a10.png', 8, 8),
      png('a9.png', 8, 6),
      png('deep.png', 8, 8, 16),
      new File(['x'], 'b.exr'),
    ])
    expect(pictures.map(({ file, width, height }) => [file.name, width, height])).toEqual([
      ['a9.png', 8, 6],
      ['a10.png', 8, 8],
    ])
    expect(wrong.map(({ code, details }) => [code, details?.['name']])).toEqual([
      ['IMAGE_NOT_SUPPORTED', 'b.exr'],
      ['IMAGE_NOT_SUPPORTED', 'deep.png'],
    ])
  })
})

describe('what upscaling will be', () => {
  it('is priced by finished megapixels, as the server does', () => {
    const pictures = [png('a.png', 1_000, 1_000), png('b.png', 2_000, 1_000)].map((file, index) => ({
      file,
      width: 1_000 * (index + 1),
      height: 1_000,
    }))
    expect(upscaleOffer(pictures, 2)).toMatchObject({ costMicro: 2 * 1_000 + 12 * 500, megapixels: 12, error: null })
    expect(upscaleOffer(pictures, 4)).toMatchObject({ costMicro: 2 * 1_000 + 48 * 500, megapixels: 48 })
  })

  it('says which picture would become too large', () => {
    const large = [{ file: png('large.png', 10_000, 10_000), width: 10_000, height: 10_000 }]
    expect(upscaleOffer(large, 4).error).toMatchObject({ code: 'IMAGE_TOO_LARGE', details: { name: 'large.png' } })
    expect(upscaleOffer(large, 2).error?.code).toBe('IMAGE_TOO_LARGE')
    expect(upscaleOffer([], 2).costMicro).toBe(0)
  })
})
