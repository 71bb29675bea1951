import { expect, it } from 'vitest'
import { sceneCost } from './sceneCost.ts'

const scene = { blenderVersion: '4.2', engine: 'CYCLES', width: 1_000, height: 1_000, samples: 100 }

it('counts megapixels times samples at the average price, and a little for each frame', () => {
  expect(sceneCost({}, scene, 12, 40)).toEqual({ frameMicro: 5_000n, totalMicro: 60_000n, isSaid: true })
})
it('follows what is changed: size, samples, engine', () => {
  expect(sceneCost({ samples: 200 }, scene, 1, 40).frameMicro).toBe(9_000n)
  expect(sceneCost({ width: 500, height: 500 }, scene, 1, 40).frameMicro).toBe(2_000n)
  expect(sceneCost({ engine: 'BLENDER_EEVEE' }, scene, 1, 40).frameMicro).toBe(1_800n)
})
it('counts a usual frame where nothing is known, and says so; without a line at the price everybody begins with', () => {
  // 2.0736 megapixels × 128 samples × 50, in thousandths rounded up
  expect(sceneCost({}, { blenderVersion: '4.2' }, 2, null)).toEqual({ frameMicro: 14_272n, totalMicro: 28_544n, isSaid: false })
  expect(sceneCost({ width: 1_920, height: 1_080, samples: 128 }, { blenderVersion: '4.2' }, 2, null).isSaid).toBe(true)
})
