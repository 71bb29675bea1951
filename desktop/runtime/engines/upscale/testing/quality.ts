import { bicubic, smaller } from './resample.ts'

/** Red, green and blue of a picture, plane after plane, 0…255. */
export interface Planes {
  data: Float32Array
  width: number
  height: number
}

/** Peak signal-to-noise ratio in dB over all values; higher is closer, Infinity is the same. */
export function psnr(left: Planes, right: Planes): number {
  let sum = 0
  left.data.forEach((value, index) => (sum += (value - (right.data[index] ?? 0)) ** 2))
  return 10 * Math.log10((255 * 255 * left.data.length) / sum)
}

const [window, step] = [8, 4]
const [c1, c2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2]

/** Structural similarity of the luma (Wang et al., 2004), mean over windows of 8 × 8 every 4 pixels; 1 is the same. */
export function ssim(left: Planes, right: Planes): number {
  const [a, b] = [luma(left), luma(right)]
  const { width, height } = left
  let total = 0
  let count = 0
  for (let y = 0; y + window <= height; y += step)
    for (let x = 0; x + window <= width; x += step) {
      let [sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0]
      for (let dy = 0; dy < window; dy += 1)
        for (let dx = 0; dx < window; dx += 1) {
          const at = (y + dy) * width + x + dx
          const [one = 0, other = 0] = [a[at], b[at]]
          sumA += one
          sumB += other
          sumAA += one * one
          sumBB += other * other
          sumAB += one * other
        }
      const n = window * window
      const [meanA, meanB] = [sumA / n, sumB / n]
      const [varianceA, varianceB, covariance] = [sumAA / n - meanA ** 2, sumBB / n - meanB ** 2, sumAB / n - meanA * meanB]
      total += ((2 * meanA * meanB + c1) * (2 * covariance + c2)) / ((meanA ** 2 + meanB ** 2 + c1) * (varianceA + varianceB + c2))
      count += 1
    }
  return total / count
}

function luma({ data, width, height }: Planes): Float32Array {
  const n = width * height
  return Float32Array.from(
    { length: n },
    (_, at) => 0.299 * (data[at] ?? 0) + 0.587 * (data[n + at] ?? 0) + 0.114 * (data[2 * n + at] ?? 0),
  )
}

/** A picture made small, and what bicubic makes of it: what an upscaler is given, and what it has to be better than. */
export function makeSmall(original: Planes, scale: number): { small: Planes; peer: Planes } {
  const small = smaller(original, scale)
  return { small, peer: bicubic(small, scale) }
}
