import type { ExrChannel } from './header.ts'

/** The pixels of one chunk: what every method has to give back exactly. */
export interface ChunkShape {
  channels: readonly ExrChannel[]
  x: number
  y: number
  width: number
  height: number
}

/** How many samples of a channel fall into a chunk: with sampling 2 only every second line and column has one. */
export function samplesOf(channel: ExrChannel, shape: ChunkShape): { columns: number; lines: number } {
  return { columns: multiplesIn(shape.x, shape.width, channel.xSampling), lines: multiplesIn(shape.y, shape.height, channel.ySampling) }
}

const multiplesIn = (start: number, length: number, step: number) => Math.floor((start + length - 1) / step) - Math.ceil(start / step) + 1

/** Bytes of all samples of a chunk, unpacked. */
export function sampleBytes(shape: ChunkShape): number {
  return shape.channels.reduce((sum, channel) => {
    const { columns, lines } = samplesOf(channel, shape)
    return sum + columns * lines * channel.bytes
  }, 0)
}
