import { describe, expect, it } from 'vitest'
import { seedWorld } from '../../testing/seed.ts'
import { createFleet, type FleetRow } from './fleet.ts'
import { groupByTag } from './groups.ts'

const now = 1_760_000_000_000
const world = seedWorld(6, 1, now)
const fleet = createFleet()({ workers: world.workers, nodes: world.nodes, presence: world.presence, nowMs: now, hereId: null })
const tagged = (tags: string[][]): FleetRow[] =>
  tags.map((own, index) => {
    const row = fleet[index] as FleetRow
    return { ...row, worker: { ...row.worker, tags: own } }
  })

describe('groupByTag', () => {
  const rows = tagged([['Rack 10'], [], ['rack 2', 'Night'], ['night'], ['rack 10']])
  const facts = {
    today: (id: string) => BigInt(rows.findIndex((row) => row.id === id) + 1),
    total: () => 9_007_199_254_740_993n,
    all: () => 5n,
  }

  it('makes one group of a tag however it is written, counts as people do, and puts those without a tag last', () => {
    expect(groupByTag(rows, facts).map(({ tag, rows: within }) => [tag, within.map((row) => rows.indexOf(row))])).toEqual([
      ['Night', [2, 3]],
      ['rack 2', [2]],
      ['Rack 10', [0, 4]],
      [null, [1]],
    ])
  })
  it('sums exactly what its workers earned and counts their statuses', () => {
    const [night] = groupByTag(rows, facts)
    expect(night?.todayMicro).toBe(7n)
    expect(night?.totalMicro).toBe(18_014_398_509_481_986n)
    expect(night?.allMicro).toBe(10n)
    const [unknown] = groupByTag(rows, { ...facts, all: (id) => (id === rows[0]?.id ? null : 5n) })
    expect(unknown?.allMicro, 'a sum that lacks one is none').toBeNull()
    expect(Object.values(night?.counts ?? {}).reduce((sum, count) => sum + count, 0)).toBe(2)
  })
  it('is empty for an empty fleet', () => {
    expect(groupByTag([], facts)).toEqual([])
  })
})
