import { z } from 'zod'

const whole = z.number().int().min(-100_000).max(100_000)
export const placeSchema = z.object({ x: whole, y: whole, width: whole.min(1), height: whole.min(1), maximized: z.boolean() })
export type WindowPlace = z.infer<typeof placeSchema>

interface Area {
  x: number
  y: number
  width: number
  height: number
}

export const smallestWindow = { width: 720, height: 480 } as const
const usualSize = { width: 1280, height: 820 } as const
/** So much of the window's top edge must be on a screen that it can be grasped. */
const graspable = { width: 120, height: 32 } as const

/** Where the window opens: where it was, if that is still on a screen (a monitor may be gone); else in the middle of the first one. */
export function fitOnScreens(saved: WindowPlace | null, screens: readonly Area[]): Area & { maximized: boolean } {
  const first = screens[0] ?? { x: 0, y: 0, ...usualSize }
  const sizeOn = (screen: Area) => ({
    width: fit(saved?.width ?? usualSize.width, smallestWindow.width, screen.width),
    height: fit(saved?.height ?? usualSize.height, smallestWindow.height, screen.height),
  })
  const maximized = saved?.maximized ?? false
  // With the size it will have there: a window that is made smaller may end before the screen begins.
  const screen = saved === null ? undefined : screens.find((area) => canGrasp({ x: saved.x, y: saved.y, ...sizeOn(area) }, area))
  if (saved !== null && screen !== undefined) return { x: saved.x, y: saved.y, ...sizeOn(screen), maximized }
  const { width, height } = sizeOn(first)
  const middle = (start: number, room: number, size: number) => Math.round(start + Math.max(0, room - size) / 2)
  return { x: middle(first.x, first.width, width), y: middle(first.y, first.height, height), width, height, maximized }
}

const fit = (wanted: number, least: number, room: number): number => Math.max(least, Math.min(wanted, room))

function canGrasp(window: Area, screen: Area): boolean {
  const overlap = Math.min(window.x + window.width, screen.x + screen.width) - Math.max(window.x, screen.x)
  return overlap >= graspable.width && window.y >= screen.y && window.y + graspable.height <= screen.y + screen.height
}
