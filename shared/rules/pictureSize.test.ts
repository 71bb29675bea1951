import { expect, it } from 'vitest'
import { fileSize, pictureSize, renderedSize } from './pictureSize.ts'
import { exceedsPrice, milliUnitsOf, pricedWork } from './quote.ts'

const info = { blenderVersion: '3.4', width: 160, height: 90, samples: 4, engine: 'CYCLES' }
const middle = { left: 0.25, right: 0.75, bottom: 0.25, top: 0.75 }
const stereo = { count: 2, format: 'INDIVIDUAL', layout: 'ANAGLYPH', squeezed: false }

it('is what is cut out of the frame, in the single precision that Blender counts with', () => {
  expect(pictureSize({}, { ...info, crop: middle })).toEqual({ width: 80, height: 45 })
  expect(pictureSize({ width: 320 }, { ...info, crop: middle })).toEqual({ width: 160, height: 90 })
  // 0.7 as Blender keeps it is a little less than 0.7, but times 10 in single precision it is 7.
  const crop = { left: 0, right: Math.fround(0.7), bottom: 0, top: 1 }
  expect(renderedSize({ width: 10, height: 10 }, { crop })).toEqual({ width: 7, height: 10 })
  expect(renderedSize({ width: 10 }, { crop: { ...crop, left: 0.9, right: 0.1 } }), 'a claim that makes no sense').toEqual({ width: 1 })
})

it.each([
  ['PNG', stereo, [320, 90]],
  ['OPEN_EXR', stereo, [160, 90]],
  ['OPEN_EXR_MULTILAYER', { ...stereo, format: 'MULTIVIEW' }, [160, 90]],
  ['JPEG', { ...stereo, format: 'MULTIVIEW' }, [320, 90]],
  ['PNG', { ...stereo, format: 'STEREO_3D' }, [160, 90]],
  ['PNG', { ...stereo, format: 'STEREO_3D', layout: 'TOPBOTTOM' }, [160, 180]],
  ['OPEN_EXR', { ...stereo, format: 'STEREO_3D', layout: 'SIDEBYSIDE' }, [320, 90]],
  ['PNG', { ...stereo, format: 'STEREO_3D', layout: 'SIDEBYSIDE', squeezed: true }, [160, 90]],
] as const)('of a stereo picture in %s: %j', (format, views, [width, height]) => {
  expect(fileSize({ width: 160, height: 90 }, { views }, format)).toEqual({ width, height })
})

it('prices what is rendered: the cut, in every view; a claim of less is found out in the open scene', () => {
  const whole = pricedWork({}, info)
  expect(milliUnitsOf(pricedWork({}, { ...info, crop: middle }))).toBe(Math.ceil(0.0036 * 4 * 1_000))
  expect(milliUnitsOf(pricedWork({}, { ...info, views: stereo }))).toBe(Math.ceil(2 * 0.0144 * 4 * 1_000))
  const opened = { ...whole, width: 160, height: 90, views: 2 }
  expect(exceedsPrice(whole, opened)).toBe(true)
  expect(exceedsPrice(pricedWork({}, { ...info, crop: middle }), whole)).toBe(true)
  expect(exceedsPrice(pricedWork({}, { ...info, views: stereo }), opened)).toBe(false)
})
