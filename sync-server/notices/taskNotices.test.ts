import { describe, expect, it } from 'vitest'
import type { NodeDocument } from '#shared/collections/node.schema.ts'
import type { Notice } from '#shared/collections/notice.schema.ts'
import { useTaskWorld } from '../testing/taskWorld.ts'

const world = useTaskWorld()
const { settled } = world

/** What the node writes of itself; only what notices are made of matters here. */
const says = async (about: Partial<NodeDocument>) => {
  await world.memory.store.update('owner-1', 'nodes', 'node-1', (current) => ({
    // Safe: the store in memory checks no schema.
    ...((current ?? { id: 'node-1', ownerId: 'owner-1', holds: [], software: [] }) as NodeDocument),
    ...about,
    updatedAt: world.clock.now(),
  }))
  await settled()
}
const told = () => world.memory.all<Notice>('notices').map(({ code, details, severity }) => ({ code, severity, details }))

describe('what a node says of itself', () => {
  it('tells once that it rests because its tasks fail, with the last error, and again when it rests anew', async () => {
    const now = world.clock.now()
    const rest = (until: number) => ({ code: 'REPEATED_FAILURES' as const, since: now, until })
    await says({ holds: [{ code: 'TOO_HOT', since: now }] })
    expect(told()).toEqual([])
    const avoided = [{ sort: 'job', value: 'j', name: 'j', code: 'BLENDER_CRASHED', since: now, until: now + 600_000 }]
    await says({ holds: [rest(now + 600_000)], avoided })
    // A restart of the node begins the hold anew; its end stays.
    await says({ holds: [{ ...rest(now + 600_000), since: now + 5_000 }] })
    expect(told()).toEqual([
      {
        ...{ code: 'NODE_RESTS', severity: 'problem' },
        details: { name: expect.any(String) as string, code: 'BLENDER_CRASHED', until: now + 600_000 },
      },
    ])
    world.clock.advance(700_000)
    // An old document that comes late tells nothing.
    await says({ holds: [rest(now + 650_000)] })
    await says({ holds: [rest(now + 2_000_000)] })
    expect(told()).toHaveLength(2)
  })

  it('tells a block, and its contest, once each', async () => {
    const now = world.clock.now()
    // Safe: the other fields are not looked at.
    const blocked = { code: 'FOREIGN_LOAD', since: now, until: now + 600_000, evidence: { load: 80 } } as unknown as NonNullable<
      NodeDocument['blocked']
    >
    await says({ blocked })
    await says({ blocked })
    await says({ blocked: { ...blocked, contestedAt: now + 1_000 } })
    expect(
      told()
        .map(({ code }) => code)
        .sort(),
    ).toEqual(['NODE_BLOCKED', 'NODE_BLOCK_CONTESTED'])
    for (const { details } of told()) expect(details).toMatchObject({ evidence: 'load: 80', seen: { load: 80 } })
  })

  it('says nothing of what was seen when the node does not', async () => {
    const now = world.clock.now()
    await says({ blocked: { code: 'FOREIGN_GPU_LOAD', since: now, until: now + 600_000 } })
    await says({ blocked: { code: 'MINER', since: now + 1, until: now + 600_000, evidence: {} } })
    expect(told().map(({ details }) => Object.keys(details).toSorted())).toEqual([
      ['code', 'name', 'until'],
      ['code', 'name', 'until'],
    ])
  })
})
