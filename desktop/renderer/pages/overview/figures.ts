import type { Earning } from '#shared/collections/earning.schema.ts'
import type { Rollup } from '#shared/collections/rollup.schema.ts'
import { dayStartMs, utcDay } from './days.ts'

export interface Figures {
  /** Network earnings of the shown days that are settled: everything in the totals but what is still pending. */
  networkNetMicro: bigint
  todayNetMicro: bigint
  selfRenderMicro: bigint
  framesToday: number
  tasksToday: number
  failedToday: number
}

/** Sums the owner's days. Totals come from the day documents; nothing here scans the ledger. */
export function sumDays(rollups: readonly Rollup[], nowMs: number): Figures {
  const today = utcDay(nowMs)
  const figures: Figures = { networkNetMicro: 0n, todayNetMicro: 0n, selfRenderMicro: 0n, framesToday: 0, tasksToday: 0, failedToday: 0 }
  for (const rollup of rollups) {
    if (rollup.nodeId !== null) continue
    figures.networkNetMicro += BigInt(rollup.networkNetMicro)
    figures.selfRenderMicro += BigInt(rollup.selfRenderNetMicro)
    if (rollup.day !== today) continue
    figures.todayNetMicro += BigInt(rollup.networkNetMicro)
    figures.framesToday += rollup.framesAccepted
    figures.tasksToday += rollup.tasksCompleted
    figures.failedToday += rollup.tasksFailed
  }
  return figures
}

/** Net of the network's entries that are not final yet. */
export function sumPending(earnings: readonly Earning[]): bigint {
  let sum = 0n
  for (const entry of earnings) if (entry.state === 'pending' && entry.kind !== 'selfRender') sum += BigInt(entry.netMicro)
  return sum
}

export type Range = 'hours' | 'week' | 'month'
export interface ChartPoint {
  /** Where the hour or the day begins. */
  atMs: number
  /** null: nothing is known of this time, which is not zero. */
  frames: number | null
  /** What the network paid (net), and what own jobs would have cost: two kinds that are never added. */
  netMicro: number | null
  selfMicro: number | null
}

const hourMs = 3_600_000

/**
 * The points of the chart, oldest first: 24 hours, or 7 or 30 UTC days. The present hour or day is the last. Time before the first day that
 * is known stays a gap.
 */
export function chartPoints(rollups: readonly Rollup[], range: Range, nowMs: number): ChartPoint[] {
  const byDay = new Map(rollups.filter((rollup) => rollup.nodeId === null).map((rollup) => [rollup.day, rollup]))
  const firstDay = [...byDay.keys()].sort()[0]
  const known = (day: string): boolean => firstDay !== undefined && day >= firstDay
  if (range === 'hours') {
    const thisHour = Math.floor(nowMs / hourMs) * hourMs
    return Array.from({ length: 24 }, (_, index) => {
      const atMs = thisHour - (23 - index) * hourMs
      const day = utcDay(atMs)
      const hour = new Date(atMs).getUTCHours()
      const rollup = byDay.get(day)
      if (!known(day)) return { atMs, frames: null, netMicro: null, selfMicro: null }
      return {
        atMs,
        frames: rollup?.framesByHour[hour] ?? 0,
        netMicro: rollup?.netMicroByHour[hour] ?? 0,
        selfMicro: selfInHour(rollup, hour),
      }
    })
  }
  const days = range === 'week' ? 7 : 30
  return Array.from({ length: days }, (_, index) => {
    const day = utcDay(nowMs, index - days + 1)
    const rollup = byDay.get(day)
    if (!known(day)) return { atMs: dayStartMs(day), frames: null, netMicro: null, selfMicro: null }
    return {
      atMs: dayStartMs(day),
      frames: rollup?.framesAccepted ?? 0,
      netMicro: rollup?.networkNetMicro ?? 0,
      selfMicro: rollup?.selfRenderNetMicro ?? 0,
    }
  })
}

/** A day written by an older server has only its sum: then the hours are not known, unless the sum is nothing. */
function selfInHour(rollup: Rollup | undefined, hour: number): number | null {
  if (!rollup || rollup.selfRenderNetMicro === 0) return 0
  return rollup.selfRenderNetMicroByHour?.[hour] ?? null
}
