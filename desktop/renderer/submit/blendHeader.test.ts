import { describe, expect, it } from 'vitest'
import { readBlendVersion } from './blendHeader.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const decode = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))

describe('readBlendVersion', () => {
  it('reads plain headers, old and new', async () => {
    expect(await readBlendVersion('a.blend', bytes('BLENDER-v304RENDH'))).toEqual({ ok: true, value: '3.4' })
    expect(await readBlendVersion('a.blend', bytes('BLENDER-v402REND'))).toEqual({ ok: true, value: '4.2' })
    expect(await readBlendVersion('a.blend', bytes('BLENDER_V283'))).toEqual({ ok: true, value: '2.83' })
    expect(await readBlendVersion('a.blend', bytes('BLENDER17-01v0501'))).toEqual({ ok: true, value: '5.1' })
  })
  it('reads a header behind gzip', async () => {
    const stream = new Blob(['BLENDER-v293REND' + 'x'.repeat(5_000)]).stream().pipeThrough(new CompressionStream('gzip'))
    const packed = new Uint8Array(await new Response(stream).arrayBuffer())
    expect(await readBlendVersion('a.blend', packed)).toEqual({ ok: true, value: '2.93' })
  })
  it('reads a header behind zstd', async () => {
    // `printf 'BLENDER-v402REND' | zstd`
    expect(await readBlendVersion('a.blend', decode('KLUv/QRYgQAAQkxFTkRFUi12NDAyUkVORO5Zb3g='))).toEqual({ ok: true, value: '4.2' })
  })
  it('refuses what is not a scene', async () => {
    for (const text of ['', 'PK\u0003\u0004', 'BLENDER', 'BLENDER-vabc', '%PDF-1.7'])
      expect(await readBlendVersion('a.blend', bytes(text))).toMatchObject({ ok: false, error: { code: 'SCENE_NOT_BLEND' } })
  })
})
