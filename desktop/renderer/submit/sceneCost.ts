import type { RenderSettings, SceneInfo } from '#shared/collections/job.schema.ts'
import { baseMicroPerUnit } from '#shared/rules/bids.ts'
import { frameSize } from '#shared/rules/pictureSize.ts'
import { milliUnitsOf, pricedWork, quotePerFrame } from '#shared/rules/quote.ts'

/** What frames of a scene will about cost, before anybody is asked to render them. */
export interface SceneCost {
  frameMicro: bigint
  totalMicro: bigint
  /** false: its size or samples are not known here, so those of a usual frame are counted, as the server does. */
  isSaid: boolean
}

/** @param microPerUnit what the network asks on average; null: not heard, then the price that everybody begins with */
export function sceneCost(settings: RenderSettings, info: SceneInfo, frames: number, microPerUnit: number | null): SceneCost {
  const frameMicro = BigInt(quotePerFrame(milliUnitsOf(pricedWork(settings, info)), microPerUnit ?? baseMicroPerUnit))
  const { width, height } = frameSize(settings, info)
  const samples = settings.samples ?? info.samples
  return {
    frameMicro,
    totalMicro: frameMicro * BigInt(frames),
    isSaid: width !== undefined && height !== undefined && samples !== undefined,
  }
}
