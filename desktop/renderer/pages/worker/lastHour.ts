import type { MinuteMetrics } from '#shared/sync/minuteMetrics.ts'
import type { Sample } from './history.ts'

export const minuteMs = 60_000
export const minutesShown = 60
/** Fewer minutes than these are a speck at the edge of an empty box. */
const leastMinutes = 3

/** What of a minute is drawn, under the names of `sampleOf`. @param ramMiB of the whole computer */
export function sampleOfMinute(minute: MinuteMetrics, ramMiB: number | null): Sample {
  const ram = minute.ramUsedMiB === null || !ramMiB ? null : (minute.ramUsedMiB / ramMiB) * 100
  return {
    cpu: minute.cpuPercent,
    ram,
    ...Object.fromEntries(minute.gpus.map(({ uuid, utilisationPercent }) => [`gpu/${uuid}`, utilisationPercent])),
  }
}

interface Minute {
  of: Sample
  /** How many live values each mean is made of; null: the worker wrote this minute itself. */
  counts: Record<string, number> | null
}

/** The last hour as a value a minute: what the worker wrote, and the mean of what is heard live since then. */
export function createLastHour() {
  const minutes = new Map<number, Minute>()
  const minuteOf = (atMs: number): number => Math.floor(atMs / minuteMs)

  return {
    /** What the worker wrote stands over what was heard of the same minute. */
    put(atMs: number, of: Sample): void {
      minutes.set(minuteOf(atMs), { of, counts: null })
    },
    add(sample: Sample, atMs: number): void {
      const at = minuteOf(atMs)
      const known = minutes.get(at) ?? { of: {}, counts: {} }
      if (known.counts === null) return
      for (const [name, value] of Object.entries(sample)) {
        const before = known.of[name] ?? null
        if (value === null) continue
        const count = (known.counts[name] ?? 0) + 1
        known.counts[name] = count
        known.of[name] = before === null ? value : before + (value - before) / count
      }
      minutes.set(at, known)
      for (const old of minutes.keys()) if (old <= at - minutesShown) minutes.delete(old)
    },
    /** A value for each minute up to now, oldest first; null where nothing is known. */
    of(name: string, nowMs: number): (number | null)[] {
      const last = minuteOf(nowMs)
      return Array.from({ length: minutesShown }, (_, index) => minutes.get(last - minutesShown + 1 + index)?.of[name] ?? null)
    },
    /** Enough is known to be drawn. */
    isThere: (): boolean => minutes.size >= leastMinutes,
    clear: (): void => minutes.clear(),
  }
}
