import { describe, expect, it } from 'vitest'
import { seedWorld } from '../../testing/seed.ts'
import { softwareRows } from './softwareRows.ts'

const [seeded] = seedWorld(2, 0, 1_760_000_000_000).nodes
if (!seeded) throw new Error('seed')
const blender = (version: string, engines: string[] = ['CYCLES']) => ({
  ...{ kind: 'blender', version, engines, devices: ['CPU'], denoisers: [] },
})

describe('softwareRows', () => {
  it('puts versions together over all workers, newest first as people count', () => {
    const rows = softwareRows(
      [
        { ...seeded, id: 'node-1', software: [blender('4.2.3'), blender('4.2.3', ['BLENDER_EEVEE'])] },
        { ...seeded, id: 'node-2', software: [blender('4.10.0'), blender('4.2.3')] },
      ],
      null,
    )
    expect(rows.map(({ version }) => version)).toEqual(['4.10.0', '4.2.3'])
    expect(rows[1]).toMatchObject({ nodeIds: ['node-1', 'node-2'], engines: ['BLENDER_EEVEE', 'CYCLES'], network: null })
  })

  it('adds what only others have, and how many have what the own workers have too', () => {
    const network = [
      { ...blender('4.2.3', ['CYCLES']), devices: ['OPTIX'], workers: 12 },
      { ...blender('5.0.1'), workers: 3 },
    ]
    const rows = softwareRows([{ ...seeded, id: 'node-1', software: [blender('4.2.3'), blender('3.6.0')] }], network)
    expect(rows.map(({ version, nodeIds, network: others }) => [version, nodeIds.length, others])).toEqual([
      ['5.0.1', 0, 3],
      ['4.2.3', 1, 12],
      ['3.6.0', 1, 0],
    ])
    expect(rows[1]?.devices).toEqual(['CPU', 'OPTIX'])
  })
})
