import type { Planes } from './quality.ts'

/** Keys' cubic with a = −0.5. */
function cubic(distance: number): number {
  const t = Math.abs(distance)
  if (t < 1) return 1.5 * t ** 3 - 2.5 * t ** 2 + 1
  return t < 2 ? -0.5 * t ** 3 + 2.5 * t ** 2 - 4 * t + 2 : 0
}

/** Bicubic with anti-aliasing, pixels aligned at their middles (libvips is half a pixel off when it enlarges), rounded as a picture is. */
export const smaller = (picture: Planes, scale: number): Planes => rounded(alongY(alongX(picture, 1 / scale), 1 / scale))
export const bicubic = (picture: Planes, scale: number): Planes => rounded(alongY(alongX(picture, scale), scale))

const rounded = ({ data, ...size }: Planes): Planes => ({
  ...size,
  data: data.map((value) => Math.min(255, Math.max(0, Math.round(value)))),
})

/** For each pixel of the new axis: pixels of the old one with their weights, mirrored at the edges. */
function taps(length: number, factor: number): Array<Array<{ from: number; weight: number }>> {
  const reach = Math.max(1, 1 / factor)
  return Array.from({ length: Math.round(length * factor) }, (_, to) => {
    const middle = (to + 0.5) / factor - 0.5
    const found: Array<{ from: number; weight: number }> = []
    for (let at = Math.ceil(middle - 2 * reach); at <= middle + 2 * reach; at += 1) {
      const folded = at < 0 ? -1 - at : at >= length ? 2 * length - 1 - at : at
      found.push({ from: Math.min(length - 1, Math.max(0, folded)), weight: cubic((at - middle) / reach) })
    }
    const sum = found.reduce((total, { weight }) => total + weight, 0)
    return found.map(({ from, weight }) => ({ from, weight: weight / sum }))
  })
}

function alongX({ data, width, height }: Planes, factor: number): Planes {
  const columns = taps(width, factor)
  const made = new Float32Array(3 * height * columns.length)
  for (let row = 0; row < 3 * height; row += 1)
    columns.forEach((parts, x) => {
      made[row * columns.length + x] = parts.reduce((sum, { from, weight }) => sum + weight * (data[row * width + from] ?? 0), 0)
    })
  return { data: made, width: columns.length, height }
}

function alongY({ data, width, height }: Planes, factor: number): Planes {
  const rows = taps(height, factor)
  const made = new Float32Array(3 * rows.length * width)
  for (let plane = 0; plane < 3; plane += 1)
    rows.forEach((parts, y) => {
      for (let x = 0; x < width; x += 1)
        made[(plane * rows.length + y) * width + x] = parts.reduce(
          (sum, { from, weight }) => sum + weight * (data[(plane * height + from) * width + x] ?? 0),
          0,
        )
    })
  return { data: made, width, height: rows.length }
}
