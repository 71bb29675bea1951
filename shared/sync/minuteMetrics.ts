import { z } from 'zod'

const measured = z.number().nullable()

/** One line of the series `metrics/<nodeId>.<year>-<month>`: what a minute was like. Means, but the highest temperature. null: not measured. */
export const minuteMetricsSchema = z.looseObject({
  /** The minute's beginning, server time. */
  at: z.number(),
  /** How many values it is made of. */
  samples: z.number(),
  cpuPercent: measured,
  ramUsedMiB: measured,
  diskFreeMiB: measured,
  /** Tasks in progress, on average. */
  tasks: z.number(),
  gpus: z.array(
    z.looseObject({
      uuid: z.string(),
      utilisationPercent: measured,
      memoryUsedMiB: measured,
      maxTemperatureC: measured,
      powerW: measured,
    }),
  ),
})
export type MinuteMetrics = z.infer<typeof minuteMetricsSchema>

/** A month a file: old ones are dropped whole. */
export const metricsSeries = (nodeId: string, atMs: number): string => `metrics/${nodeId}.${new Date(atMs).toISOString().slice(0, 7)}`
