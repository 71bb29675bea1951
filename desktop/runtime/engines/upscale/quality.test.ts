import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compareWithBicubic } from './testing/compareWithBicubic.ts'
import { psnr, ssim, type Planes } from './testing/quality.ts'
import { bicubic, smaller } from './testing/resample.ts'

const flat = (value: number, change = 0): Planes => ({
  data: Float32Array.from({ length: 3 * 32 * 32 }, (_, index) => value + (index % 2 === 0 ? change : 0)),
  width: 32,
  height: 32,
})

test('the measures say what they should', () => {
  expect(psnr(flat(100), flat(100))).toBe(Infinity)
  expect(psnr(flat(100), flat(110))).toBeCloseTo(20 * Math.log10(25.5), 6)
  expect(ssim(flat(100, 50), flat(100, 50))).toBeCloseTo(1, 6)
  expect(ssim(flat(100, 50), flat(100, -50))).toBeLessThan(0)
  expect([...bicubic(smaller(flat(77), 4), 4).data].every((value) => value === 77)).toBe(true)
})

test('on rendered pictures both networks are better than bicubic, in PSNR and in SSIM', { timeout: 300_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pictor-quality-'))
  try {
    for (const { scale, ours, bicubic: peer } of await compareWithBicubic(folder, { size: 192, samples: 32 })) {
      expect(ours.psnr - peer.psnr, `×${scale} PSNR`).toBeGreaterThan(scale === 2 ? 0.5 : 0.1)
      expect(ours.ssim - peer.ssim, `×${scale} SSIM`).toBeGreaterThan(0.005)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
