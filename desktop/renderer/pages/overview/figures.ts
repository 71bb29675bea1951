import type { Earning } from '#shared/collections/earning.schema.ts'
import type { Rollup } from '#shared/collections/rollup.schema.ts'
import type { Run } from '#shared/collections/run.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import { utcDay } from '../../format/days.ts'

export interface Figures {
  /** What the network paid, net, without what is still pending: in all days given, in the last seven, today. */
  finalMicro: bigint
  weekMicro: bigint
  todayMicro: bigint
  /** Whenever it was booked: it is looked at until it is final. */
  pendingMicro: bigint
  /** The part of it that was booked today. */
  pendingTodayMicro: bigint
  selfMicro: bigint
  framesToday: number
  tasksToday: number
  failedToday: number
}

/** An entry, or the sum of those of a day. */
export type PendingAmount = Pick<Earning, 'state' | 'kind' | 'netMicro' | 'createdAt'>

/**
 * Sums the owner's days. Totals come from the day documents, which hold everything that is not reversed; the ledger is only asked for what is
 * pending, and each pending entry is taken from the day it was booked on.
 */
export function sumFigures(rollups: readonly Rollup[], pending: readonly PendingAmount[], nowMs: number): Figures {
  const today = utcDay(nowMs)
  const week = utcDay(nowMs, -6)
  const own = rollups.filter(({ nodeId }) => nodeId === null)
  const waiting = pending.filter(({ state, kind }) => state === 'pending' && kind !== 'selfRender')
  const first = own.reduce((earliest, { day }) => (day < earliest ? day : earliest), today)
  const finalSince = (day: string): bigint => {
    const booked = own.reduce((sum, rollup) => (rollup.day >= day ? sum + BigInt(rollup.networkNetMicro) : sum), 0n)
    const open = waiting.reduce((sum, entry) => (utcDay(entry.createdAt) >= day ? sum + BigInt(entry.netMicro) : sum), 0n)
    // A ledger entry comes a moment before the day that counts it: until then nothing of that day is final.
    return booked > 0n && open > booked ? 0n : booked - (booked <= 0n ? 0n : open)
  }
  const sumOf = (entries: readonly PendingAmount[]): bigint => entries.reduce((sum, { netMicro }) => sum + BigInt(netMicro), 0n)
  const now = own.find(({ day }) => day === today)
  return {
    finalMicro: finalSince(first),
    weekMicro: finalSince(week),
    todayMicro: finalSince(today),
    pendingMicro: sumOf(waiting),
    pendingTodayMicro: sumOf(waiting.filter(({ createdAt }) => utcDay(createdAt) === today)),
    selfMicro: own.reduce((sum, { selfRenderNetMicro }) => sum + BigInt(selfRenderNetMicro), 0n),
    framesToday: now?.framesAccepted ?? 0,
    tasksToday: now?.tasksCompleted ?? 0,
    failedToday: now?.tasksFailed ?? 0,
  }
}

export interface TaskCounts {
  /** With a worker and not closed yet. */
  open: number
  /** Those of them that rest. */
  paused: number
}

/** @param assigned tasks in state `assigned` @param pausedRuns runs in state `paused`; one whose task was closed meanwhile does not count */
export function countTasks(assigned: readonly Task[], pausedRuns: readonly Run[]): TaskCounts {
  const open = new Set(assigned.map(({ id }) => id))
  return { open: open.size, paused: pausedRuns.filter(({ id }) => open.has(id)).length }
}
