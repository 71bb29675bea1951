import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compareWithBicubic, type Comparison } from '../desktop/runtime/engines/upscale/testing/compareWithBicubic.ts'
import type { BenchRow } from './row.ts'

/** Four rendered pictures made small and large again: how close they come to what was rendered, beside bicubic, and how long it takes. */
export async function benchUpscale({ short = false } = {}): Promise<BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-upscale-'))
  try {
    const comparisons = await compareWithBicubic(folder, { size: 384, samples: short ? 32 : 200 })
    return comparisons.flatMap(rowsOf)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function rowsOf({ scale, ours, bicubic, secondsPerMegapixel, backend }: Comparison): BenchRow[] {
  const quality = (what: string, unit: string, digits: number, own: number, peer: number): BenchRow => ({
    ...{ what: `upscale ×${scale}, ${what}`, goal: 'more than bicubic', ours: round(own, digits), unit },
    ...{ peer: 'bicubic', peerValue: round(peer, digits), ratio: own / peer, reached: own > peer },
  })
  return [
    quality('PSNR', 'dB', 2, ours.psnr, bicubic.psnr),
    quality('SSIM', '', 4, ours.ssim, bicubic.ssim),
    {
      ...{ what: `upscale ×${scale}, a finished megapixel`, goal: 'none set', ours: round(secondsPerMegapixel, 2), unit: 's' },
      ...{ peer: 'none', peerValue: null, ratio: null, reached: null, note: `on ${backend}, with decoding, encoding and PNG` },
    },
  ]
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits))
