import { describe, expect, it } from 'vitest'
import { seedWorld } from '../../testing/seed.ts'
import { attentionRows, countStatuses, createFleet } from './fleet.ts'

const now = 1_760_000_000_000
const world = seedWorld(12, 1, now)
const input = { workers: world.workers, nodes: world.nodes, presence: world.presence, nowMs: now, hereId: null }

describe('createFleet', () => {
  it('joins the documents of each worker into its status', () => {
    const rows = createFleet()(input)
    expect(rows).toHaveLength(12)
    const counts = countStatuses(rows)
    expect(counts.unsupported + counts.blocked + counts.terminated + counts.offline + counts.processing + counts.online).toBe(12)
    expect(counts.blocked).toBe(1)
    expect(counts.unsupported).toBe(1)
  })
  it('keeps the row objects of what did not change', () => {
    const fleet = createFleet()
    const first = fleet(input)
    const changed = { ...world.workers[0], name: 'Renamed' } as (typeof world.workers)[number]
    const second = fleet({ ...input, workers: [changed, ...world.workers.slice(1)] })
    expect(second[0]).not.toBe(first[0])
    expect(second.slice(1).every((row, index) => row === first[index + 1])).toBe(true)
  })
  it('makes a new row when only time changes the status', () => {
    const fleet = createFleet()
    const silent = { ...input, presence: world.presence.map((entry) => ({ ...entry, connected: false, lastHeardAt: now - 60_000 })) }
    const first = fleet(silent)
    const later = fleet({ ...silent, nowMs: now + 60_000 })
    expect(first[0]?.status.status).toBe('processing')
    expect(later[0]?.status).toMatchObject({ status: 'offline', code: 'NOT_HEARD_WHILE_RENDERING' })
  })
  it('leaves deleted workers out', () => {
    const [first, ...rest] = world.workers
    if (!first) throw new Error('seed')
    expect(createFleet()({ ...input, workers: [{ ...first, deletedAt: now }, ...rest] })).toHaveLength(11)
  })
})

describe('attentionRows', () => {
  it('puts what is blocked first and leaves out a pause of the owner', () => {
    const found = attentionRows(createFleet()(input))
    expect(found[0]?.status.status).toBe('blocked')
    expect(found.some((row) => row.status.code === 'PAUSED_BY_OWNER')).toBe(false)
  })
})
