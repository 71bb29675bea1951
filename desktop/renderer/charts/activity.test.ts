import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import type { Rollup } from '#shared/collections/rollup.schema.ts'
import { activityOfSums, activitySeries, largest, type ActivityWish } from './activity.ts'
import { rollupOfDay as day } from '../testing/rollupOfDay.ts'
import { bucketsOf, type TimeRange } from './timeRange.ts'

const now = Date.parse('2026-03-10T05:30:00Z')
const range = (name: TimeRange['name']): TimeRange => ({ name, from: '', to: '' })
const wish = (changes: Partial<ActivityWish> & { name?: TimeRange['name'] } = {}): ActivityWish => {
  const { name = 'hours', ...rest } = changes
  return { measure: 'frames', split: 'kind', buckets: bucketsOf(range(name), now), nowMs: now, groupsOf: () => [], ...rest }
}
const hours = (at: number, value = 4): number[] => Array.from({ length: 24 }, (_, hour) => (hour === at ? value : 0))
const valuesOf = (rollups: readonly Rollup[], asked: ActivityWish, key: string) =>
  activitySeries(rollups, asked).find((series) => series.key === key)?.values ?? []

describe('activitySeries', () => {
  it('walks the last 24 hours across midnight', () => {
    const values = valuesOf(
      [day('2026-03-09', { framesAccepted: 4, framesByHour: hours(22) }), day('2026-03-10', { framesAccepted: 4, framesByHour: hours(5) })],
      wish(),
      'network',
    )
    expect(values).toHaveLength(24)
    expect(values.at(-1)).toBe(4n)
    expect(values.filter((value) => value === 4n)).toHaveLength(2)
  })
  it('leaves a gap before the first known day, and a zero for a quiet one after it', () => {
    const values = valuesOf(
      [day('2026-03-08', { framesAccepted: 9 }), day('2026-03-10', { framesAccepted: 1 })],
      wish({ name: 'week' }),
      'network',
    )
    expect(values).toEqual([null, null, null, null, 9n, 0n, 1n])
  })
  it('keeps what the network paid and own jobs apart, by hour and by day, beyond a float', () => {
    const today = day('2026-03-10', {
      networkNetMicro: 9_007_199_254_740_991,
      netMicroByHour: hours(5, 9_007_199_254_740_991),
      selfRenderNetMicro: 8,
      selfRenderNetMicroByHour: hours(5, 8),
    })
    const before = day('2026-03-09', { networkNetMicro: 9_007_199_254_740_991 })
    for (const name of ['hours', 'week'] as const) {
      const [network, self] = activitySeries([today], wish({ measure: 'earnings', name }))
      expect([network?.values.at(-1), self?.values.at(-1)]).toEqual([9_007_199_254_740_991n, 8n])
    }
    expect(activitySeries([today, before], wish({ measure: 'earnings', name: 'year' }))[0]?.total).toBe(18_014_398_509_481_982n)
  })
  it('does not guess the hours of a day that an older server only summed', () => {
    const asked = wish({ measure: 'earnings' })
    expect(valuesOf([day('2026-03-10', { selfRenderNetMicro: 8 })], asked, 'self').at(-1)).toBeNull()
    expect(valuesOf([day('2026-03-10')], asked, 'self').at(-1)).toBe(0n)
  })
  it('knows the kind of an older day only where it saw one kind alone', () => {
    const asked = wish({ name: 'week' })
    const last = (extra: Partial<Rollup>) =>
      activitySeries([day('2026-03-10', { framesAccepted: 6, ...extra })], asked).map(({ values }) => values.at(-1))
    expect(last({ networkNetMicro: 5 })).toEqual([6n, 0n])
    expect(last({ selfRenderNetMicro: 5 })).toEqual([0n, 6n])
    expect(last({ networkNetMicro: 5, selfRenderNetMicro: 5 })).toEqual([null, null])
    expect(last({ networkNetMicro: 5, selfRenderNetMicro: 5, selfRenderFrames: 2 })).toEqual([4n, 2n])
  })
  it('knows nothing without documents, and nothing of the future', () => {
    expect(valuesOf([], wish({ name: 'month' }), 'network').every((value) => value === null)).toBe(true)
    const today = { name: 'custom', from: '2026-03-10', to: '2026-03-11' } as const
    const values = valuesOf([day('2026-03-10')], wish({ buckets: bucketsOf(today, now) }), 'network')
    expect(values.filter((value) => value !== null)).toHaveLength(6)
  })
  it('counts a worker under each of its tags, largest first', () => {
    const rollups = [
      day('2026-03-10', { nodeId: 'node-1', framesAccepted: 3 }),
      day('2026-03-10', { nodeId: 'node-2', framesAccepted: 5 }),
      day('2026-03-10', { framesAccepted: 8 }),
    ]
    const tags: Record<string, string[]> = { 'node-1': ['rack', 'night'], 'node-2': ['rack'] }
    const series = activitySeries(rollups, wish({ name: 'week', split: 'tag', groupsOf: (id) => tags[id] ?? [] }))
    expect(series.map(({ key, total }) => [key, total])).toEqual([
      ['rack', 8n],
      ['night', 3n],
    ])
  })
  it('adds up to the same whole in every step, whatever the days', () => {
    const days = fc.uniqueArray(fc.integer({ min: 0, max: 364 }), { maxLength: 60 })
    fc.assert(
      fc.property(days, fc.array(fc.nat(1_000_000_000), { minLength: 60, maxLength: 60 }), (backs, amounts) => {
        const rollups = backs.map((back, index) =>
          day(new Date(now - back * 86_400_000).toISOString().slice(0, 10), { networkNetMicro: amounts[index] ?? 0 }),
        )
        const whole = rollups.reduce((sum, { networkNetMicro }) => sum + BigInt(networkNetMicro), 0n)
        expect(activitySeries(rollups, wish({ measure: 'earnings', name: 'year' }))[0]?.total).toBe(whole)
      }),
      { numRuns: 50 },
    )
  })
})

it('keeps the largest parts and adds the others up, a gap staying a gap', () => {
  const series = ['a', 'b', 'c', 'd'].map((key, index) => ({ key, values: [BigInt(4 - index), index === 3 ? null : 1n], total: 1n }))
  expect(largest(series, 4, 'others')).toHaveLength(4)
  expect(largest(series, 2, 'others')).toEqual([series[0], { key: 'others', values: [6n, null], total: 3n }])
})

it('shows what a server summed, with a gap before the first known day and after now, and all others as one', () => {
  const buckets = bucketsOf({ name: 'custom', from: '2026-02-27', to: '2026-03-11' }, now)
  expect(buckets.list).toHaveLength(13)
  const values = buckets.list.map((_, index) => (index < 3 || index > 11 ? '0' : '9007199254740993'))
  const sums = { knownFromMs: Date.parse('2026-03-02'), groups: [{ key: 'node-1', values, total: '0' }], others: values }
  const [first, others] = activityOfSums(sums, buckets, now, 'others')
  expect(first?.values).toEqual([null, null, null, ...new Array<bigint>(9).fill(9_007_199_254_740_993n), null])
  expect([first?.key, first?.total, others?.key, others?.total]).toEqual([
    'node-1',
    81_064_793_292_668_937n,
    'others',
    81_064_793_292_668_937n,
  ])
  expect(activityOfSums({ knownFromMs: null, groups: [], others: null }, buckets, now, 'others')).toEqual([])
})
