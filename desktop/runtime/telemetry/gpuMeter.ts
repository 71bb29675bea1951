import type { LiveGpu } from '#shared/sync/live.ts'

/** Measures the cards of one maker, each by its own means. */
export interface GpuMeter {
  /** How often values are wanted from now on. */
  every(intervalMs: number): void
  newest(): LiveGpu[]
  /** Cards that gave values and fell silent: the card or its driver is gone. */
  silent(): string[]
  stop(): void
}

export const allMeters = (meters: readonly GpuMeter[]): GpuMeter => ({
  every: (intervalMs) => meters.forEach((meter) => meter.every(intervalMs)),
  newest: () => meters.flatMap((meter) => meter.newest()),
  silent: () => meters.flatMap((meter) => meter.silent()),
  stop: () => meters.forEach((meter) => meter.stop()),
})
