import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  exceedsPrice,
  milliUnitsOf,
  pricedSettings,
  pricedWork,
  quotePerFrame as quote,
  samplesOfLayers,
  type PricedWork,
} from './quote.ts'
import { frameSize } from './pictureSize.ts'

const quotePerFrame = (priced: PricedWork, rate?: number): number => quote(milliUnitsOf(priced), rate)
const work = { width: 1_920, height: 1_080, samples: 128, engine: 'CYCLES' }

it('is the documented formula', () => {
  expect(quotePerFrame(work)).toBe(1_000 + Math.ceil(2.0736 * 128 * 50))
  expect(quotePerFrame({ ...work, engine: 'BLENDER_EEVEE' })).toBe(1_000 + Math.ceil((2.0736 * 128 * 50) / 5))
  expect(quotePerFrame({ width: 64, height: 36, samples: 1, engine: 'CYCLES' })).toBe(1_001)
})

it('takes the settings over the scene, and a usual frame where both are silent', () => {
  expect(pricedWork({}, { blenderVersion: '3.4' })).toEqual(work)
  expect(pricedWork({ samples: 4 }, { blenderVersion: '3.4', samples: 9, width: 64, height: 36 })).toEqual({
    width: 64,
    height: 36,
    samples: 4,
    engine: 'CYCLES',
  })
})

it('counts the samples of every view layer, its own or the scene’s, so that a claim of few is found out in the open scene', () => {
  const layered = { blenderVersion: '3.4', width: 64, height: 36, samples: 10, layerSamples: [0, 500] }
  expect(pricedWork({}, layered).samples).toBe(510)
  expect(pricedWork({ samples: 20 }, layered).samples).toBe(520)
  const { layerSamples: _hidden, ...lie } = layered
  const found = { ...pricedWork({}, lie), samples: samplesOfLayers(10, [0, 500]) }
  expect(exceedsPrice(pricedWork({}, lie), found)).toBe(true)
  expect(exceedsPrice(pricedWork({}, layered), found)).toBe(false)
})

it('keeps the scene’s shape when one side is given', () => {
  const info = { blenderVersion: '3.4', width: 1_920, height: 1_080 }
  expect(frameSize({ width: 4_000 }, info)).toEqual({ width: 4_000, height: 2_250 })
  expect(frameSize({ height: 2 }, { ...info, width: 1 })).toEqual({ width: 4, height: 2 })
  expect(frameSize({ width: 640 }, { blenderVersion: '3.4' })).toEqual({ width: 640 })
  expect(pricedWork({ width: 4_000 }, info)).toMatchObject({ width: 4_000, height: 2_250 })
})

it('binds what is rendered to what was said and priced, and lets a node refuse what is more than was priced', () => {
  const lie = { blenderVersion: '3.4', width: 64, height: 36, samples: 1, engine: 'BLENDER_WORKBENCH' }
  const bound = pricedSettings({ format: 'PNG' }, lie)
  expect(bound).toEqual({ format: 'PNG', width: 64, height: 36, samples: 1, engine: 'BLENDER_WORKBENCH' })
  expect(pricedWork(bound, { blenderVersion: '3.4' })).toEqual(pricedWork({}, lie))
  expect(pricedSettings({}, { blenderVersion: '3.4' })).toEqual({})
  const usual = pricedWork({}, { blenderVersion: '3.4' })
  expect(exceedsPrice(usual, {})).toBe(false)
  expect(exceedsPrice(usual, { width: 1_921 })).toBe(false)
  expect(exceedsPrice(usual, { width: 3_840, height: 2_160 })).toBe(true)
  expect(exceedsPrice(usual, { width: 3_840, height: 2_160, engine: 'BLENDER_EEVEE' })).toBe(false)
})

it('is a whole, safe number that never falls when the work grows', () => {
  const size = fc.integer({ min: 4, max: 65_536 })
  fc.assert(
    fc.property(size, size, fc.integer({ min: 1, max: 1_000_000 }), fc.nat(10_000), (width, height, samples, rate) => {
      const price = quotePerFrame({ width, height, samples, engine: 'CYCLES' }, rate)
      expect(Number.isSafeInteger(price)).toBe(true)
      expect(price).toBeGreaterThanOrEqual(1_000)
      expect(quotePerFrame({ width, height, samples: samples + 1, engine: 'CYCLES' }, rate)).toBeGreaterThanOrEqual(price)
    }),
  )
})
