import { describe, expect, it } from 'vitest'
import type { Earning } from '#shared/collections/earning.schema.ts'
import type { Rollup } from '#shared/collections/rollup.schema.ts'
import { chartPoints, sumDays, sumPending } from './figures.ts'

const now = Date.parse('2026-03-10T05:30:00Z')
const day = (name: string, extra: Partial<Rollup> = {}): Rollup => ({
  id: `owner:${name}`,
  ownerId: 'owner',
  updatedAt: 0,
  nodeId: null,
  day: name,
  networkGrossMicro: 0,
  networkFeeMicro: 0,
  networkNetMicro: 0,
  selfRenderGrossMicro: 0,
  selfRenderFeeMicro: 0,
  selfRenderNetMicro: 0,
  tasksCompleted: 0,
  tasksFailed: 0,
  framesAccepted: 0,
  renderMs: 0,
  framesByHour: Array.from({ length: 24 }, () => 0),
  netMicroByHour: Array.from({ length: 24 }, () => 0),
  ...extra,
})

describe('sumDays', () => {
  it('keeps money beyond a float exact, and network and own jobs apart', () => {
    const sums = sumDays(
      [
        day('2026-03-09', { networkNetMicro: 9_007_199_254_740_991, selfRenderNetMicro: 5 }),
        day('2026-03-10', { networkNetMicro: 2, framesAccepted: 7, tasksCompleted: 3, tasksFailed: 1 }),
        day('2026-03-10', { nodeId: 'node-1', networkNetMicro: 2 }),
      ],
      now,
    )
    expect(sums).toEqual({
      networkNetMicro: 9_007_199_254_740_993n,
      todayNetMicro: 2n,
      selfRenderMicro: 5n,
      framesToday: 7,
      tasksToday: 3,
      failedToday: 1,
    })
  })
})

describe('sumPending', () => {
  it('counts the network’s pending entries only', () => {
    const entry = (extra: Partial<Earning>): Earning => ({ kind: 'network', state: 'pending', netMicro: 10, ...extra }) as Earning
    expect(
      sumPending([entry({}), entry({ state: 'final' }), entry({ kind: 'selfRender' }), entry({ kind: 'correction', netMicro: -3 })]),
    ).toBe(7n)
  })
})

describe('chartPoints', () => {
  it('walks the last 24 hours across midnight', () => {
    const hours = (at: number): number[] => Array.from({ length: 24 }, (_, hour) => (hour === at ? 4 : 0))
    const points = chartPoints(
      [day('2026-03-09', { framesByHour: hours(22) }), day('2026-03-10', { framesByHour: hours(5) })],
      'hours',
      now,
    )
    expect(points).toHaveLength(24)
    expect(points.at(-1)).toMatchObject({ atMs: Date.parse('2026-03-10T05:00:00Z'), frames: 4 })
    expect(points.find((point) => point.atMs === Date.parse('2026-03-09T22:00:00Z'))?.frames).toBe(4)
  })
  it('leaves a gap before the first known day, and a zero for a quiet one after it', () => {
    const points = chartPoints([day('2026-03-08', { framesAccepted: 9 }), day('2026-03-10', { framesAccepted: 1 })], 'week', now)
    expect(points.map((point) => point.frames)).toEqual([null, null, null, null, 9, 0, 1])
  })
  it('keeps what the network paid and own jobs apart, by hour and by day', () => {
    const hours = (value: number): number[] => Array.from({ length: 24 }, (_, hour) => (hour === 5 ? value : 0))
    const today = day('2026-03-10', {
      networkNetMicro: 3,
      netMicroByHour: hours(3),
      selfRenderNetMicro: 8,
      selfRenderNetMicroByHour: hours(8),
    })
    expect(chartPoints([today], 'hours', now).at(-1)).toMatchObject({ netMicro: 3, selfMicro: 8 })
    expect(chartPoints([today], 'week', now).at(-1)).toMatchObject({ netMicro: 3, selfMicro: 8 })
  })
  it('does not guess the hours of a day that an older server only summed', () => {
    expect(chartPoints([day('2026-03-10', { selfRenderNetMicro: 8 })], 'hours', now).at(-1)?.selfMicro).toBeNull()
    expect(chartPoints([day('2026-03-10')], 'hours', now).at(-1)?.selfMicro).toBe(0)
  })
  it('knows nothing without documents', () => {
    expect(chartPoints([], 'month', now).every((point) => point.frames === null)).toBe(true)
  })
})
