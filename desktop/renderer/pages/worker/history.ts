import type { LiveNode } from '#shared/sync/live.ts'

export const historyLength = 60
/** Values come about once a second; a longer silence is a gap, not a straight line. */
const gapAfterMs = 5_000

export type Sample = Record<string, number | null>

/** What of the hot values is drawn: in percent, by name. GPUs by their id. */
export function sampleOf(live: LiveNode): Sample {
  const sample: Sample = { cpu: live.cpuPercent, ram: share(live.ramUsedMiB, live.ramTotalMiB) }
  for (const gpu of live.gpus) {
    sample[`gpu/${gpu.uuid}`] = gpu.utilisationPercent
    sample[`vram/${gpu.uuid}`] = share(gpu.memoryUsedMiB, gpu.memoryTotalMiB)
  }
  return sample
}

const share = (used: number | null, total: number | null): number | null => (used === null || !total ? null : (used / total) * 100)

/** Keeps the last minute of samples. */
export function createHistory() {
  let samples: (Sample | null)[] = []
  let lastAtMs: number | null = null
  return {
    add(sample: Sample, atMs: number): void {
      if (lastAtMs !== null && atMs - lastAtMs > gapAfterMs) samples.push(null)
      lastAtMs = atMs
      samples.push(sample)
      if (samples.length > historyLength) samples = samples.slice(-historyLength)
    },
    /** The line grows from the left until a minute is full, then moves: never a speck at the edge of an empty box. */
    of(name: string): (number | null)[] {
      const values = samples.map((sample) => sample?.[name] ?? null)
      return [...values, ...Array.from({ length: historyLength - values.length }, () => null)]
    },
    clear(): void {
      samples = []
      lastAtMs = null
    },
  }
}
