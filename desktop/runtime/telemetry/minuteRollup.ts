import type { MinuteMetrics } from '#shared/sync/minuteMetrics.ts'
import type { LiveNode } from '#shared/sync/live.ts'

const minuteMs = 60_000

/** Gathers values and hands out each minute when the next one begins. A minute without a value is not there: a gap, not a zero. */
export function createMinuteRollup(onMinute: (metrics: MinuteMetrics) => void): (value: LiveNode) => void {
  let values: LiveNode[] = []
  const minuteOf = ({ atMs }: LiveNode) => Math.floor(atMs / minuteMs) * minuteMs
  return (value) => {
    const [first] = values
    if (first !== undefined && minuteOf(first) !== minuteOf(value)) {
      onMinute(rollUp(minuteOf(first), values))
      values = []
    }
    values.push(value)
  }
}

function rollUp(at: number, values: readonly LiveNode[]): MinuteMetrics {
  const uuids = [...new Set(values.flatMap(({ gpus }) => gpus.map(({ uuid }) => uuid)))]
  return {
    at,
    samples: values.length,
    cpuPercent: mean(values.map(({ cpuPercent }) => cpuPercent)),
    ramUsedMiB: mean(values.map(({ ramUsedMiB }) => ramUsedMiB)),
    diskFreeMiB: values.at(-1)?.diskFreeMiB ?? null,
    tasks: mean(values.map(({ tasks }) => tasks.length)) ?? 0,
    gpus: uuids.map((uuid) => {
      const cards = values.flatMap(({ gpus }) => gpus.filter((gpu) => gpu.uuid === uuid))
      const temperatures = cards.flatMap(({ temperatureC }) => (temperatureC === null ? [] : [temperatureC]))
      return {
        uuid,
        utilisationPercent: mean(cards.map(({ utilisationPercent }) => utilisationPercent)),
        memoryUsedMiB: mean(cards.map(({ memoryUsedMiB }) => memoryUsedMiB)),
        maxTemperatureC: temperatures.length === 0 ? null : Math.max(...temperatures),
        powerW: mean(cards.map(({ powerW }) => powerW)),
      }
    }),
  }
}

/** Of what was measured, to one decimal. */
function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : Math.round((known.reduce((sum, value) => sum + value, 0) / known.length) * 10) / 10
}
