import { metricsSeries, minuteMetricsSchema, type MinuteMetrics } from '#shared/sync/minuteMetrics.ts'
import { limits } from '#shared/sync/protocol.ts'
import { ok, type Result } from '#shared/result.ts'
import type { DataLink } from '../../data/dataLink.ts'

export const metricRanges = {
  hour: { stepMs: 60_000, count: 60 },
  day: { stepMs: 600_000, count: 144 },
  week: { stepMs: 3_600_000, count: 168 },
} as const
export type MetricRange = keyof typeof metricRanges

/** More parts than this are never asked for at once: a week of minutes of a computer with eight cards fits. */
const mostParts = 60

/** The minutes of a series' text; a line that was cut in two, or is of a version that cannot be read, is left out. */
export function minutesOf(text: string): MinuteMetrics[] {
  return text.split('\n').flatMap((line) => {
    if (line === '') return []
    try {
      const parsed = minuteMetricsSchema.safeParse(JSON.parse(line))
      return parsed.success ? [parsed.data] : []
    } catch {
      return []
    }
  })
}

/** What a node measured since `fromMs`, oldest first: read from the end of its month's series backwards, and from the month before where needed. */
export async function readMetrics(
  data: Pick<DataLink, 'seriesRead'>,
  nodeId: string,
  fromMs: number,
  nowMs: number,
): Promise<Result<MinuteMetrics[]>> {
  const names = [...new Set([metricsSeries(nodeId, fromMs), metricsSeries(nodeId, nowMs)])].reverse()
  const found: MinuteMetrics[] = []
  let parts = 0
  for (const name of names) {
    let text = ''
    let begin: number | null = null
    while (begin !== 0 && parts < mostParts) {
      parts += 1
      const from: number = begin === null ? -limits.seriesChunkBytes : Math.max(0, begin - limits.seriesChunkBytes)
      const reply = await data.seriesRead(name, from, begin === null ? limits.seriesChunkBytes : begin - from)
      if (!reply.ok) return reply
      if (reply.value.text === '') break
      text = reply.value.text + text
      begin = reply.value.from
      const [first] = minutesOf(text.slice(0, text.indexOf('\n', text.indexOf('\n') + 1) + 1))
      if (first !== undefined && first.at < fromMs) break
    }
    found.unshift(...minutesOf(text))
  }
  return ok(found.filter(({ at }) => at >= fromMs))
}

/** The mean (or the highest) of a value in each step; null where nothing was measured. */
export function stepsOf(
  minutes: readonly MinuteMetrics[],
  { fromMs, stepMs, count }: { fromMs: number; stepMs: number; count: number },
  pick: (minute: MinuteMetrics) => number | null,
  join: 'mean' | 'highest' = 'mean',
): (number | null)[] {
  const groups = Array.from({ length: count }, (): number[] => [])
  for (const minute of minutes) {
    const value = pick(minute)
    if (value !== null) groups[Math.floor((minute.at - fromMs) / stepMs)]?.push(value)
  }
  return groups.map((values) => {
    if (values.length === 0) return null
    return join === 'highest' ? Math.max(...values) : Math.round((values.reduce((sum, value) => sum + value, 0) / values.length) * 10) / 10
  })
}
