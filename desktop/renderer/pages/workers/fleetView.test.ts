import { describe, expect, it } from 'vitest'
import { seedWorld } from '../../testing/seed.ts'
import { createFleet } from './fleet.ts'
import { createFacets, fleetSorts, reliabilityOf, viewFleet, wholeFleet, type FleetFacts } from './fleetView.ts'

const now = 1_760_000_000_000
const world = seedWorld(12, 1, now)
const rows = createFleet()({ workers: world.workers, nodes: world.nodes, presence: world.presence, nowMs: now, hereId: null })
const nothing: FleetFacts = { today: () => 0n, total: () => 0n, all: () => 0n, outcome: () => ({ done: 0, all: 0 }), jobName: () => '' }

describe('viewFleet', () => {
  it('finds every word in name, tag, GPU or id', () => {
    const found = viewFleet(rows, { ...wholeFleet, search: '4090 work' }, nothing)
    expect(found.length).toBeGreaterThan(0)
    expect(found.every((row) => row.haystack.includes('4090') && row.haystack.includes('work'))).toBe(true)
    expect(viewFleet(rows, { ...wholeFleet, search: 'no such thing' }, nothing)).toEqual([])
  })
  it('narrows by several statuses, by tag, GPU and version together', () => {
    const two = viewFleet(rows, { ...wholeFleet, statuses: ['blocked', 'unsupported'] }, nothing)
    expect(two.map((row) => row.status.status).sort()).toEqual(['blocked', 'unsupported'])
    const { tags, gpus, versions } = createFacets()(rows)
    const [tag = '', gpu = '', version = ''] = [tags[0], gpus[0], versions[0]]
    for (const row of viewFleet(rows, { ...wholeFleet, tag }, nothing)) expect(row.worker.tags).toContain(tag)
    for (const row of viewFleet(rows, { ...wholeFleet, gpu, version }, nothing)) {
      expect(row.node?.hardware.gpus.map(({ name }) => name)).toContain(gpu)
      expect(row.node?.appVersion).toBe(version)
    }
    expect(viewFleet(rows, { ...wholeFleet, tag: 'gone' }, nothing)).toEqual([])
  })
  it('sorts names as people count', () => {
    const three = ['Box 10', 'Box 9', 'box 1'].map((name, index) => ({ ...rows[index], name }) as (typeof rows)[number])
    expect(viewFleet(three, wholeFleet, nothing).map((row) => row.name)).toEqual(['box 1', 'Box 9', 'Box 10'])
  })
  it('sorts by money without rounding it', () => {
    const today = (id: string): bigint => (id === rows[3]?.id ? 9_007_199_254_740_993n : 9_007_199_254_740_992n)
    expect(viewFleet(rows, { ...wholeFleet, sort: 'today', descending: true }, { ...nothing, today })[0]).toBe(rows[3])
  })
  it('sorts by any column, both ways, with the same rows and what has no value last', () => {
    const outcome = (id: string) => ({ done: id === rows[0]?.id ? 1 : 0, all: id === rows[0]?.id || id === rows[1]?.id ? 1 : 0 })
    for (const sort of fleetSorts)
      for (const descending of [false, true]) {
        const sorted = viewFleet(rows, { ...wholeFleet, sort, descending }, { ...nothing, outcome })
        expect(new Set(sorted.map(({ id }) => id)), sort).toEqual(new Set(rows.map(({ id }) => id)))
        if (sort === 'reliability')
          expect(sorted.slice(0, 2).map(({ id }) => reliabilityOf(outcome(id)))).toEqual(descending ? [1, 0] : [0, 1])
        if (sort === 'ram') expect(sorted.at(-1)?.node).toBeNull()
      }
  })
})

describe('createFacets', () => {
  it('offers each value once, sorted', () => {
    const { tags, gpus, statuses } = createFacets()(rows)
    expect(new Set(tags).size).toBe(tags.length)
    expect(gpus.length).toBeGreaterThan(1)
    expect(statuses).toContain('processing')
  })
})
