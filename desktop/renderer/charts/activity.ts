import type { GatewayOutput } from '#shared/api/gatewayCalls.ts'
import type { Rollup } from '#shared/collections/rollup.schema.ts'
import { dayStartMs } from '../format/days.ts'
import type { Bucket, Buckets } from './timeRange.ts'

export const measures = ['earnings', 'frames', 'tasks'] as const
export type Measure = (typeof measures)[number]
/** How the whole is taken apart. By `tag` a worker counts under each of its tags, so the parts may be more than the whole. */
export type Split = 'kind' | 'outcome' | 'worker' | 'tag'
/** The first is what one sees at first. What the network pays and what own jobs would have cost are never one number. */
export const splitsOf: Record<Measure, readonly Split[]> = {
  earnings: ['kind', 'worker', 'tag'],
  frames: ['kind', 'worker', 'tag'],
  tasks: ['outcome', 'kind', 'worker', 'tag'],
}

/** One part over time: micro-PICTOR for earnings, else a count. null: nothing is known of this time, which is not zero. */
export interface ActivitySeries {
  key: string
  values: (bigint | null)[]
  total: bigint
}

type Sum =
  'networkNetMicro' | 'selfRenderNetMicro' | 'framesAccepted' | 'selfRenderFrames' | 'tasksCompleted' | 'tasksFailed' | 'selfRenderTasks'
const hoursOf = {
  networkNetMicro: 'netMicroByHour',
  selfRenderNetMicro: 'selfRenderNetMicroByHour',
  framesAccepted: 'framesByHour',
  selfRenderFrames: 'selfRenderFramesByHour',
  tasksCompleted: 'tasksCompletedByHour',
  tasksFailed: 'tasksFailedByHour',
  selfRenderTasks: 'selfRenderTasksByHour',
} as const satisfies Record<Sum, keyof Rollup>

/** What a part is made of: one sum of the day documents, or one less another. */
type Part = readonly [sum: Sum, less?: Sum]
const partsOf: Record<Measure, Partial<Record<Split, Record<string, Part>>>> = {
  earnings: { kind: { network: ['networkNetMicro'], self: ['selfRenderNetMicro'] } },
  frames: { kind: { network: ['framesAccepted', 'selfRenderFrames'], self: ['selfRenderFrames'] } },
  tasks: {
    outcome: { completed: ['tasksCompleted'], failed: ['tasksFailed'] },
    kind: { network: ['tasksCompleted', 'selfRenderTasks'], self: ['selfRenderTasks'] },
  },
}
/** What is counted of a worker or a tag. */
const wholeOf: Record<Measure, Part> = { earnings: ['networkNetMicro'], frames: ['framesAccepted'], tasks: ['tasksCompleted'] }

export interface ActivityWish {
  measure: Measure
  split: Split
  buckets: Buckets
  nowMs: number
  /** Under which names a worker counts; only asked for `worker` and `tag`. */
  groupsOf: (nodeId: string) => readonly string[]
}

/** The parts of an activity over time, exact to the micro-PICTOR. `rollups` are the days of one owner or node; by worker or tag, those of the nodes. */
export function activitySeries(rollups: readonly Rollup[], wish: ActivityWish): ActivitySeries[] {
  const parts = partsOf[wish.measure][wish.split]
  if (parts) return Object.entries(parts).map(([key, part]) => seriesOf(key, rollups, part, wish))
  const byGroup = new Map<string, Rollup[]>()
  for (const rollup of rollups) {
    if (rollup.nodeId === null) continue
    for (const group of wish.groupsOf(rollup.nodeId)) {
      const days = byGroup.get(group)
      if (days) days.push(rollup)
      else byGroup.set(group, [rollup])
    }
  }
  const known = firstDay(rollups)
  return [...byGroup]
    .map(([key, days]) => seriesOf(key, days, wholeOf[wish.measure], wish, known))
    .sort((a, b) => (a.total === b.total ? a.key.localeCompare(b.key) : a.total > b.total ? -1 : 1))
}

/** The same as a server gives it that holds what no page does; the others as one part with this key. */
export function activityOfSums(
  { knownFromMs, groups, others }: GatewayOutput<'fleet.activity'>,
  { list }: Buckets,
  nowMs: number,
  othersKey: string,
): ActivitySeries[] {
  const part = (key: string, given: readonly string[]): ActivitySeries => {
    const sums = list.map((_, index) => BigInt(given[index] ?? 0))
    const isKnown = ({ atMs, endMs }: Bucket): boolean => endMs > (knownFromMs ?? Infinity) && atMs <= nowMs
    return {
      key,
      values: list.map((bucket, index) => (isKnown(bucket) ? (sums[index] ?? 0n) : null)),
      total: sums.reduce((sum, value) => sum + value, 0n),
    }
  }
  const parts = groups.map(({ key, values }) => part(key, values))
  return others === null ? parts : [...parts, part(othersKey, others)]
}

/** The largest parts, and all others as one, so that a chart of a farm stays readable. */
export function largest(series: readonly ActivitySeries[], atMost: number, othersKey: string): ActivitySeries[] {
  if (series.length <= atMost) return [...series]
  const rest = series.slice(atMost - 1)
  const values = (rest[0]?.values ?? []).map((_, index) =>
    rest.reduce<bigint | null>((sum, one) => plus(sum, one.values[index] ?? null), 0n),
  )
  return [...series.slice(0, atMost - 1), { key: othersKey, values, total: rest.reduce((sum, { total }) => sum + total, 0n) }]
}

const plus = (a: bigint | null, b: bigint | null): bigint | null => (a === null || b === null ? null : a + b)
const firstDay = (rollups: readonly Rollup[]): string | null =>
  rollups.reduce<string | null>((first, { day }) => (first === null || day < first ? day : first), null)

/** Time before the first day that is known, and after now, stays a gap. */
function seriesOf(key: string, rollups: readonly Rollup[], part: Part, wish: ActivityWish, known = firstDay(rollups)): ActivitySeries {
  const { list, step } = wish.buckets
  const knownMs = known === null ? Infinity : dayStartMs(known)
  const values = list.map(({ atMs, endMs }): bigint | null => (endMs <= knownMs || atMs > wish.nowMs ? null : 0n))
  const startMs = list[0]?.atMs ?? 0
  const add = (index: number, value: number | null): void => {
    values[index] = plus(values[index] ?? null, value === null ? null : BigInt(value))
  }
  for (const rollup of rollups) {
    const dayMs = dayStartMs(rollup.day)
    if (step !== 'hour') {
      const index = list.findIndex(({ atMs, endMs }) => dayMs >= atMs && dayMs < endMs)
      if (index >= 0) add(index, valueOf(rollup, part, null))
      continue
    }
    for (let hour = 0; hour < 24; hour += 1) {
      const index = (dayMs + hour * 3_600_000 - startMs) / 3_600_000
      if (index >= 0 && index < list.length) add(index, valueOf(rollup, part, hour))
    }
  }
  return { key, values, total: values.reduce<bigint>((sum, value) => sum + (value ?? 0n), 0n) }
}

function valueOf(rollup: Rollup, [sum, less]: Part, hour: number | null): number | null {
  const value = amountOf(rollup, sum, hour)
  const taken = less === undefined ? 0 : amountOf(rollup, less, hour)
  return value === null || taken === null ? null : value - taken
}

/** A day written by an older server has only its sums: then its hours are not known, unless the sum is nothing. */
function amountOf(rollup: Rollup, sum: Sum, hour: number | null): number | null {
  const whole = rollup[sum] ?? guess(rollup, sum)
  if (hour === null || whole === 0 || whole === null) return whole
  return rollup[hoursOf[sum]]?.[hour] ?? null
}

/** Counts of own jobs, of an older server: known only where a day saw one kind alone. */
function guess(rollup: Rollup, sum: Sum): number | null {
  if (rollup.selfRenderNetMicro === 0) return 0
  if (rollup.networkNetMicro !== 0) return null
  return sum === 'selfRenderFrames' ? rollup.framesAccepted : sum === 'selfRenderTasks' ? rollup.tasksCompleted : null
}
