import type { Rollup } from '#shared/collections/rollup.schema.ts'
import { dayStartMs } from '../../format/days.ts'

/** What the network paid (net, pending included) in the hours up to now. */
export interface Earned {
  micro: bigint
  /** How long the window is: shorter than asked for while less than that is known. */
  windowMs: number
}

const hourMs = 3_600_000
export const rateWindowMs = 24 * hourMs
export const forecastWindowMs = 7 * 24 * hourMs
export const forecastMs = 30 * 24 * hourMs
/** A forecast from less would be a guess. */
export const forecastNeedsMs = 6 * hourMs

/**
 * Earnings of the last `windowMs`, from the hours of the owner's days. Begins at the full hour, and not before the first hour that ever had any
 * work; null while there was none.
 */
export function earnedIn(rollups: readonly Rollup[], windowMs: number, nowMs: number): Earned | null {
  const hours = rollups
    .filter(({ nodeId }) => nodeId === null)
    .flatMap((rollup) =>
      rollup.netMicroByHour.map((micro, hour) => ({
        atMs: dayStartMs(rollup.day) + hour * hourMs,
        micro,
        worked: micro !== 0 || (rollup.framesByHour[hour] ?? 0) > 0,
      })),
    )
    .filter(({ atMs }) => atMs <= nowMs)
  const firstMs = hours.reduce((first, { atMs, worked }) => (worked && atMs < first ? atMs : first), Infinity)
  if (firstMs === Infinity) return null
  const fromMs = Math.max(firstMs, Math.floor((nowMs - windowMs) / hourMs) * hourMs + hourMs)
  const micro = hours.reduce((sum, hour) => (hour.atMs >= fromMs ? sum + BigInt(hour.micro) : sum), 0n)
  // Within the first hour the mean is taken over a whole one: a minute's work is no rate.
  return { micro, windowMs: Math.max(nowMs - fromMs, hourMs) }
}

/** The same amount spread over another time, rounded down. */
export const spread = ({ micro, windowMs }: Earned, overMs: number): bigint =>
  (micro * BigInt(Math.round(overMs))) / BigInt(Math.round(windowMs))
