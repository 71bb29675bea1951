import type { Electricity } from '../collections/worker.schema.ts'
import { splitFee } from '../money.ts'

export interface EstimateInput {
  /** Of all devices that render together: 1,000 is a work unit a second. */
  score: number
  bidMicroPerUnit: number
  feeBasisPoints: number
  /** What the computer draws while it renders; null: not known. */
  watts: number | null
  electricity: Electricity | undefined
}

/** All for one hour of rendering without a break. Amounts of PICTOR are micro-PICTOR, those of everyday money millionths of the owner's currency. */
export interface Estimate {
  units: number
  grossMicro: bigint
  feeMicro: bigint
  netMicro: bigint
  /** null: power or price is not known. */
  powerCost: bigint | null
  /** Net after electricity in the owner's currency; null: something of it is not known. */
  balance: bigint | null
}

/** What a worker would earn in an hour, if there were work all the time and it were as heavy as the bench scene. */
export function estimateHour({ score, bidMicroPerUnit, feeBasisPoints, watts, electricity }: EstimateInput): Estimate {
  const units = Math.round((Math.max(0, score) * 3_600) / 1_000)
  const split = splitFee(BigInt(units) * BigInt(Math.max(0, bidMicroPerUnit)), feeBasisPoints)
  const powerCost =
    watts === null || electricity === undefined ? null : (BigInt(Math.round(watts)) * BigInt(electricity.microPerKWh)) / 1_000n
  const worth = electricity?.microPerPictor
  const balance = powerCost === null || worth === undefined ? null : (split.netMicro * BigInt(worth)) / 1_000_000n - powerCost
  return { units, ...split, powerCost, balance }
}

/** The same for a day. */
export const perDay = (estimate: Estimate): Estimate => ({
  units: estimate.units * 24,
  grossMicro: estimate.grossMicro * 24n,
  feeMicro: estimate.feeMicro * 24n,
  netMicro: estimate.netMicro * 24n,
  powerCost: estimate.powerCost === null ? null : estimate.powerCost * 24n,
  balance: estimate.balance === null ? null : estimate.balance * 24n,
})
