import type { RenderSettings, SceneInfo } from '../collections/job.schema.ts'
import { microToDocument } from '../money.ts'

/**
 * The price of one frame, fixed by the server before anybody is asked to render it:
 *
 *   units          = megapixels × samples × weight of the engine
 *   microPerFrame  = 1,000 + ⌈units × microPerUnit⌉
 *
 * The 1,000 (0.001 PICTOR) pay for fetching, start-up and upload. What the scene does not say counts as 1920 × 1080 with 128 samples.
 * Nothing here comes from the node that is paid.
 */
const basePriceMicro = 1_000n
/** The network's average price of a unit (a megapixel with one sample in Cycles). */
export const averageMicroPerUnit = 50
const largestPriceMicro = 1_000_000_000_000n

/** Percent of Cycles' work for the same pixels and samples. */
const engineWeights: Record<string, bigint> = { CYCLES: 100n, BLENDER_EEVEE: 20n, BLENDER_EEVEE_NEXT: 20n, BLENDER_WORKBENCH: 5n }
const otherEngineWeight = 100n

export interface PricedWork {
  width: number
  height: number
  samples: number
  engine: string
}

/** What has to be rendered: the creator's settings over what the scene says. */
export function pricedWork(settings: RenderSettings, info: SceneInfo): PricedWork {
  return {
    width: settings.width ?? info.width ?? 1_920,
    height: settings.height ?? info.height ?? 1_080,
    samples: settings.samples ?? info.samples ?? 128,
    engine: settings.engine ?? info.engine ?? 'CYCLES',
  }
}

/** Micro-PICTOR for one frame, a safe integer of at least `basePriceMicro`. `microPerUnit` is a whole number ≥ 0. */
export function quotePerFrame(work: PricedWork, microPerUnit: number = averageMicroPerUnit): number {
  const weight = engineWeights[work.engine] ?? otherEngineWeight
  const pixelSamples = BigInt(work.width) * BigInt(work.height) * BigInt(Math.max(1, work.samples))
  const scale = 1_000_000n * 100n
  const units = pixelSamples * weight * BigInt(microPerUnit)
  const price = basePriceMicro + (units + scale - 1n) / scale
  return microToDocument(price > largestPriceMicro ? largestPriceMicro : price)
}
