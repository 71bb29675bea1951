import parseExr from 'parse-exr'
import sharp, { type Sharp } from 'sharp'

/** The type of samples asked for: 32 bit floats (three.js' FloatType, which the parser follows). */
const floatType = 1015

/**
 * An EXR as a picture for the eye: linear light, brightened so that the mean becomes a middle grey at most, cut at white, sRGB.
 * A preview only; nobody is paid by it. Throws for what the parser does not know (deep or multi-part files).
 */
export function toneMappedExr(bytes: Buffer): Sharp {
  const { data, width, height } = parseExr(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer,
    floatType,
  )
  const samples = data as Float32Array
  const channels = Math.round(samples.length / (width * height))
  const exposure = exposureFor(samples, channels)
  const pixels = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      // The parser gives the lowest line first.
      const from = ((height - 1 - y) * width + x) * channels
      const to = (y * width + x) * 3
      for (let colour = 0; colour < 3; colour += 1)
        pixels[to + colour] = toByte((samples[from + (channels >= 3 ? colour : 0)] ?? 0) * exposure)
    }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
}

function exposureFor(samples: Float32Array, channels: number): number {
  let sum = 0
  let count = 0
  const step = Math.max(1, Math.floor(samples.length / channels / 20_000)) * channels
  for (let index = 0; index < samples.length; index += step) {
    const value = samples[index] ?? 0
    if (Number.isFinite(value) && value >= 0) {
      sum += Math.min(value, 16)
      count += 1
    }
  }
  const mean = count === 0 ? 0 : sum / count
  return mean > 0.5 ? 0.5 / mean : 1
}

function toByte(linear: number): number {
  if (!(linear > 0)) return 0
  const light = Math.min(1, linear)
  const srgb = light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055
  return Math.round(srgb * 255)
}
