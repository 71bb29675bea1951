import type { RenderSettings, SceneInfo } from '../collections/job.schema.ts'
import { microToDocument } from '../money.ts'
import { baseMicroPerUnit } from './bids.ts'
import { frameSize, renderedSize } from './pictureSize.ts'

/**
 * The price of one frame, fixed by the server before anybody is asked to render it:
 *
 *   units          = megapixels (of what is cut out, in all views) × samples (of all view layers together) × weight of the engine, in thousandths, rounded up
 *   microPerFrame  = 1,000 + ⌈units × microPerUnit⌉
 *
 * The 1,000 (0.001 PICTOR) pay for fetching, start-up and upload. What the scene does not say counts as 1920 × 1080 with 128 samples.
 * Where others measured that the scene is heavier than that, more units are paid (workMeasure.ts). Nothing here comes from the node that is paid.
 */
const basePriceMicro = 1_000n
const largestPriceMicro = 1_000_000_000_000n

/** Percent of Cycles' work for the same pixels and samples. */
const engineWeights: Record<string, bigint> = { CYCLES: 100n, BLENDER_EEVEE: 20n, BLENDER_EEVEE_NEXT: 20n, BLENDER_WORKBENCH: 5n }
const otherEngineWeight = 100n

export interface PricedWork {
  /** Of what is rendered of a frame, once for each of its views. */
  width: number
  height: number
  /** Absent: one. */
  views?: number
  samples: number
  engine: string
}

/** What has to be rendered: the creator's settings over what the scene says. */
export function pricedWork(settings: RenderSettings, info: SceneInfo): PricedWork {
  const { width = 1_920, height = 1_080 } = renderedSize({ width: 1_920, height: 1_080, ...frameSize(settings, info) }, info)
  const samples = settings.samples ?? info.samples ?? 128
  return {
    ...{ width, height, ...(info.views === undefined ? {} : { views: info.views.count }) },
    samples: samplesOfLayers(samples, info.layerSamples),
    engine: settings.engine ?? info.engine ?? 'CYCLES',
  }
}

/** Each view layer is rendered by itself, with samples of its own or (0) the scene's. */
export const samplesOfLayers = (samples: number, layerSamples: readonly number[] | undefined): number =>
  layerSamples === undefined || layerSamples.length === 0 ? samples : layerSamples.reduce((sum, own) => sum + (own > 0 ? own : samples), 0)

/**
 * The settings that a node is given whose price follows from what the creator said of the scene: whatever was said is set, so that what is
 * rendered is what was priced, whatever stands in the file.
 */
export function pricedSettings(settings: RenderSettings, info: SceneInfo): RenderSettings {
  const samples = settings.samples ?? info.samples
  const engine = settings.engine ?? info.engine
  return {
    ...settings,
    ...frameSize(settings, info),
    ...(samples === undefined || samples < 1 ? {} : { samples }),
    ...(engine === undefined ? {} : { engine }),
  }
}

/** Blender's rounding of sizes, and what nobody quarrels over. */
const toleratedPercent = 2n

/**
 * What was never said is priced as a usual frame. When the open scene turns out to need more than that, the node is not bound by the price.
 * `measured`: what Blender says of the scene, with the task's settings; absent parts count as priced.
 */
export function exceedsPrice(priced: PricedWork, measured: Partial<PricedWork>): boolean {
  return unitsOf({ ...priced, ...measured }) * 100n > unitsOf(priced) * (100n + toleratedPercent)
}

/** Thousandths of a work unit in one frame, rounded up; a safe integer. */
export const milliUnitsOf = (work: PricedWork): number => Number((unitsOf(work) + 99_999n) / 100_000n)

/** Micro-PICTOR for one frame, a safe integer of at least `basePriceMicro`. Both are whole numbers ≥ 0. */
export function quotePerFrame(milliUnits: number, microPerUnit: number = baseMicroPerUnit): number {
  const price = basePriceMicro + (BigInt(milliUnits) * BigInt(microPerUnit) + 999n) / 1_000n
  return microToDocument(price > largestPriceMicro ? largestPriceMicro : price)
}

/** In hundredths of a pixel with one sample in Cycles. */
function unitsOf({ width, height, views = 1, samples, engine }: PricedWork): bigint {
  return BigInt(width) * BigInt(height) * BigInt(views) * BigInt(Math.max(1, samples)) * (engineWeights[engine] ?? otherEngineWeight)
}
