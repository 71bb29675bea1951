import fc from 'fast-check'
import { expect, it } from 'vitest'
import { canRender, choiceClassOf, chunkRank, chunksWanted, paysEnough, versionNumber } from './choice.ts'

const able = {
  kinds: ['blender'],
  blenderVersions: ['2.93', '3.4'],
  engines: ['CYCLES'],
  denoisers: [],
  vramMiB: 8_000,
  bidMicroPerUnit: null,
}

it('never offers a scene to an older Blender', () => {
  expect(canRender(choiceClassOf({ kind: 'blender', blenderVersion: '3.4' }, 50), able)).toBe(true)
  expect(canRender(choiceClassOf({ kind: 'blender', blenderVersion: '3.10' }, 50), able)).toBe(false)
  expect(canRender(choiceClassOf({ kind: 'blender' }, 50), { ...able, blenderVersions: [] })).toBe(false)
  expect(versionNumber('3.10')).toBeGreaterThan(versionNumber('3.9'))
  expect(versionNumber('4.0.2')).toBe(4_000)
  expect(versionNumber('nonsense')).toBe(0)
})

it('looks at engine, denoiser, memory, kind and price', () => {
  const fits = (needs: object, bid: number | null = null) => {
    const wanted = choiceClassOf({ kind: 'blender', ...needs }, 50)
    return canRender(wanted, able) && paysEnough(wanted, { ...able, bidMicroPerUnit: bid })
  }
  expect(fits({ engine: 'CYCLES' })).toBe(true)
  expect(fits({ engine: 'BLENDER_EEVEE' })).toBe(false)
  expect(fits({ denoiser: 'OPENIMAGEDENOISE' })).toBe(false)
  expect(fits({ vramMiB: 8_000 })).toBe(true)
  expect(fits({ vramMiB: 9_000 })).toBe(false)
  expect(fits({ kind: 'upscale' })).toBe(false)
  expect(fits({}, 50)).toBe(true)
  expect(fits({}, 51)).toBe(false)
})

it('keeps the order within a job and lets a later small job in', () => {
  expect(chunkRank(0, 1)).toBeGreaterThan(chunkRank(0, 0))
  expect(chunkRank(3_600_000, 0)).toBeLessThan(chunkRank(0, 1_000))
})

it('fills the buffer by time, at least a chunk a slot, with a bound', () => {
  expect(chunksWanted(0, 600_000, 1, 0, 60_000)).toBe(10)
  expect(chunksWanted(600_000, 600_000, 2, 2, 60_000)).toBe(0)
  expect(chunksWanted(0, 0, 2, 0, 60_000)).toBe(2)
  fc.assert(
    fc.property(
      fc.nat(1e9),
      fc.nat(1e9),
      fc.integer({ min: 1, max: 64 }),
      fc.nat(100),
      fc.nat(1e7),
      (held, buffer, slots, holding, chunk) => {
        const count = chunksWanted(held, buffer, slots, holding, chunk)
        expect(count).toBeGreaterThanOrEqual(0)
        expect(count).toBeLessThanOrEqual(32)
      },
    ),
  )
})
