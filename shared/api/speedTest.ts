/** Where a node measures its line to the gateway: `GET ?bytes=` gives so many, `POST` takes them. */
export const speedPath = '/api/speed'

/** A slow line is measured with the least; a fast one with more, because the way there and back would be most of the time. */
export const speedBytes = { least: 64 * 1024, most: 1024 * 1024 } as const

/** Takes long enough to say something. */
export const speedEnoughMs = 300

/** The next, larger try; null when what was measured is enough. */
export function nextSpeedBytes(bytes: number, tookMs: number): number | null {
  if (tookMs >= speedEnoughMs || bytes >= speedBytes.most) return null
  return Math.min(speedBytes.most, bytes * 4)
}

/** Thousands of bits a second. */
export const kbitPerSecond = (bytes: number, tookMs: number): number => Math.round((bytes * 8) / Math.max(1, tookMs))
