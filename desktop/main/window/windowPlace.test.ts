import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fitOnScreens, smallestWindow } from './windowPlace.ts'

const left = { x: 0, y: 0, width: 1920, height: 1040 }
const right = { x: 1920, y: 0, width: 2560, height: 1400 }

it('opens where it was', () => {
  const saved = { x: 2000, y: 100, width: 1000, height: 700, maximized: true }
  expect(fitOnScreens(saved, [left, right])).toEqual(saved)
})

it('comes back to the first screen when its own is gone', () => {
  const saved = { x: 2000, y: 100, width: 1000, height: 700, maximized: false }
  expect(fitOnScreens(saved, [left])).toEqual({ x: 460, y: 170, width: 1000, height: 700, maximized: false })
})

it('opens in the middle the first time, and fits a small screen', () => {
  expect(fitOnScreens(null, [left])).toEqual({ x: 320, y: 110, width: 1280, height: 820, maximized: false })
  expect(fitOnScreens(null, [{ x: 0, y: 0, width: 1024, height: 600 }])).toMatchObject({ width: 1024, height: 600 })
})

it('can always be grasped by its top edge', () => {
  const number = fc.integer({ min: -5_000, max: 5_000 })
  const size = fc.integer({ min: 1, max: 6_000 })
  fc.assert(
    fc.property(number, number, size, size, (x, y, width, height) => {
      const placed = fitOnScreens({ x, y, width, height, maximized: false }, [left, right])
      const graspable = [left, right].some(
        (screen) =>
          Math.min(placed.x + placed.width, screen.x + screen.width) - Math.max(placed.x, screen.x) >= 120 &&
          placed.y >= screen.y &&
          placed.y + 32 <= screen.y + screen.height,
      )
      expect(graspable).toBe(true)
      expect(placed.width).toBeGreaterThanOrEqual(smallestWindow.width)
    }),
  )
})
