/** How a picture lies in its box: scaled from the upper left corner, then moved by so many px. A scale of 1 shows the whole of it. */
export interface View {
  scale: number
  x: number
  y: number
}
interface Box {
  width: number
  height: number
}

export const fitted: View = { scale: 1, x: 0, y: 0 }
export const mostScale = 32
/** What one press of a button or a key, or one notch of the wheel, does. */
export const zoomStep = 1.25

/** Zooms by `factor` and keeps the point under (x, y), in px of the box, where it is. */
export function zoomAt(view: View, factor: number, at: { x: number; y: number }, box: Box): View {
  const scale = Math.min(mostScale, Math.max(1, view.scale * factor))
  const by = scale / view.scale
  return inside({ scale, x: at.x - (at.x - view.x) * by, y: at.y - (at.y - view.y) * by }, box)
}

export const moveBy = (view: View, dx: number, dy: number, box: Box): View => inside({ ...view, x: view.x + dx, y: view.y + dy }, box)

/** No edge of the picture comes inside the box: what is seen is always picture. */
function inside({ scale, x, y }: View, { width, height }: Box): View {
  const between = (value: number, least: number): number => Math.min(0, Math.max(least, value))
  return { scale, x: between(x, width * (1 - scale)), y: between(y, height * (1 - scale)) }
}
