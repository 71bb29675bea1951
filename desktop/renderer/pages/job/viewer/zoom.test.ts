import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitted, mostScale, moveBy, zoomAt, type View } from './zoom.ts'

const box = { width: 800, height: 600 }

describe('zoomAt', () => {
  it('keeps what is under the pointer there', () => {
    const at = { x: 200, y: 450 }
    const view = zoomAt(zoomAt(fitted, 2, at, box), 3, at, box)
    expect(view.scale).toBe(6)
    // Where the pointer was on the picture, and where that is now.
    expect(view.x + 200 * view.scale).toBeCloseTo(at.x)
    expect(view.y + 450 * view.scale).toBeCloseTo(at.y)
  })
  it('ends at the whole picture and at the most', () => {
    expect(zoomAt({ scale: 2, x: -300, y: -100 }, 0.01, { x: 5, y: 5 }, box)).toEqual(fitted)
    expect(zoomAt(fitted, 1_000, { x: 0, y: 0 }, box).scale).toBe(mostScale)
  })
  it('never lets an edge into the box, whatever is done', () => {
    const step = fc.record({ factor: fc.double({ min: 0.2, max: 5, noNaN: true }), x: fc.integer({ min: -50, max: 900 }), y: fc.nat(700) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const view = steps.reduce<View>(
          (last, { factor, x, y }) => moveBy(zoomAt(last, factor, { x, y }, box), x - 400, y - 300, box),
          fitted,
        )
        expect(view.x).toBeLessThanOrEqual(0)
        expect(view.x + box.width * view.scale).toBeGreaterThanOrEqual(box.width - 1e-6)
        expect(view.y + box.height * view.scale).toBeGreaterThanOrEqual(box.height - 1e-6)
      }),
    )
  })
})
