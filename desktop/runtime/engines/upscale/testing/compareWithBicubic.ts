import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createContainment } from '../../process/containment.ts'
import { createMemoryGuard } from '../../process/memoryGuard.ts'
import { systemClock } from '../../../systemClock.ts'
import { quietLog } from '../../../testing/quietLog.ts'
import { createUpscaleEngine } from '../upscaleEngine.ts'
import { findUpscaler } from '../upscalerProgram.ts'
import { makeSmall, psnr, ssim } from './quality.ts'
import { readPlanes, renderPictures, writePlanes } from './renderPictures.ts'

export interface Quality {
  psnr: number
  ssim: number
}

export interface Comparison {
  scale: 2 | 4
  ours: Quality
  bicubic: Quality
  /** Of the finished pictures, without starting the process. */
  secondsPerMegapixel: number
  backend: string
}

/**
 * Renders pictures, makes them small, and lets the engine and bicubic make them large again: how close each comes to what was rendered, as the mean
 * over the pictures. Rejects without a Blender, or when the engine fails.
 */
export async function compareWithBicubic(folder: string, { size, samples }: { size: number; samples: number }): Promise<Comparison[]> {
  const pictures = await renderPictures(join(folder, 'rendered'), size, samples)
  const engine = createUpscaleEngine({
    ...{ logger: quietLog, program: findUpscaler(null), probeCacheFile: join(folder, 'upscaler.json') },
    ...{ containment: createContainment({ clock: systemClock, log: quietLog }), memory: createMemoryGuard({ clock: systemClock }) },
  })
  const comparisons: Comparison[] = []
  for (const scale of [2, 4] as const) {
    const originals = await Promise.all(pictures.map(async ({ name, path }) => ({ name, original: await readPlanes(path) })))
    const made = originals.map(({ name, original }) => ({ name, original, ...makeSmall(original, scale) }))
    const images = await Promise.all(
      made.map(async ({ name, small }, index) => {
        const path = join(folder, `${name}-${scale}.png`)
        await writePlanes(path, small)
        return { frame: index + 1, path, name, width: small.width, height: small.height }
      }),
    )
    const outputFolder = join(folder, `out-${scale}`)
    const run = engine.render(
      {
        ...{ id: 'quality', scenePath: '', frames: images.map(({ frame }) => frame), images, settings: { scale }, device: { kind: 'cpu' } },
        ...{ outputFolder, workFolder: join(folder, `work-${scale}`) },
      },
      new AbortController().signal,
    )
    const saved: string[] = []
    let milliseconds = 0
    let backend = ''
    for await (const event of run) {
      if (event.type === 'started') backend = event.device
      if (event.type === 'failed') throw new Error(event.error.message)
      if (event.type !== 'frameSaved') continue
      saved.push(event.path)
      milliseconds += event.renderMs
    }
    const ours = await Promise.all(made.map(async ({ original }, index) => qualityOf(original, await readPlanes(saved[index] ?? ''))))
    const peers = made.map(({ original, peer }) => qualityOf(original, peer))
    const megapixels = made.reduce((sum, { original }) => sum + (original.width * original.height) / 1_000_000, 0)
    comparisons.push({ scale, ours: mean(ours), bicubic: mean(peers), secondsPerMegapixel: milliseconds / 1_000 / megapixels, backend })
    await rm(outputFolder, { recursive: true, force: true })
  }
  return comparisons
}

type Picture = Parameters<typeof psnr>[0]
const qualityOf = (original: Picture, made: Picture): Quality => ({ psnr: psnr(made, original), ssim: ssim(made, original) })
const mean = (all: readonly Quality[]): Quality => ({
  psnr: all.reduce((sum, one) => sum + one.psnr, 0) / all.length,
  ssim: all.reduce((sum, one) => sum + one.ssim, 0) / all.length,
})
