import { networkFeeBasisPoints } from '#shared/money.ts'
import { ok } from '#shared/result.ts'
import { jobLimitMicroPerUnit } from '#shared/rules/bids.ts'
import type { CallHandlers } from '../calls/callHandlers.ts'
import type { Pricing } from './pricing.ts'

/** `network.prices`: the average bid, what jobs pay at most, and the fee. */
export const createNetworkPrices = (pricing: Pricing): NonNullable<CallHandlers['network.prices']> => {
  return async () =>
    ok({
      averageMicroPerUnit: pricing.averageMicroPerUnit(),
      owners: pricing.owners(),
      limitMicroPerUnit: jobLimitMicroPerUnit,
      feeBasisPoints: networkFeeBasisPoints,
    })
}
