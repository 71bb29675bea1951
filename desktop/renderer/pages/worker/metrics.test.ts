import { describe, expect, it } from 'vitest'
import { appError } from '#shared/errors/appError.ts'
import { err, ok } from '#shared/result.ts'
import { metricsSeries, type MinuteMetrics } from '#shared/sync/minuteMetrics.ts'
import { minutesOf, readMetrics, stepsOf } from './metrics.ts'

const minute = (at: number, cpuPercent: number | null = 10): MinuteMetrics => ({
  ...{ at, samples: 1, cpuPercent, ramUsedMiB: null, diskFreeMiB: null, tasks: 0 },
  gpus: [{ uuid: 'gpu-0', utilisationPercent: 99, memoryUsedMiB: 5_000, maxTemperatureC: 61, powerW: 300.5 }],
})
const text = (minutes: readonly MinuteMetrics[]) => minutes.map((one) => `${JSON.stringify(one)}\n`).join('')
const now = Date.parse('2026-03-01T00:10:00Z')
const minuteMs = 60_000

/** Series in memory that answer as a peer does: from a line's beginning at or before what was asked for. */
function peer(series: Record<string, string>) {
  const asked: string[] = []
  return {
    asked,
    seriesRead: async (name: string, from: number, limitBytes: number) => {
      asked.push(name)
      const whole = series[name] ?? ''
      const start = from < 0 ? Math.max(0, whole.length + from) : from
      const begin = start === 0 ? 0 : whole.lastIndexOf('\n', start - 1) + 1
      return ok({ from: begin, text: whole.slice(begin, start + limitBytes), size: whole.length })
    },
  }
}

describe('readMetrics', () => {
  it('reads back over the beginning of a month, and no further than asked for', async () => {
    const minutes = Array.from({ length: 60 * 48 }, (_, index) => minute(now - (60 * 48 - index) * minuteMs))
    const series: Record<string, string> = {}
    for (const one of minutes) series[metricsSeries('n', one.at)] = (series[metricsSeries('n', one.at)] ?? '') + text([one])
    const data = peer(series)
    const hour = await readMetrics(data, 'n', now - 60 * minuteMs, now)
    expect(hour.ok && hour.value.map(({ at }) => at)).toEqual(minutes.slice(-60).map(({ at }) => at))
    expect(data.asked).toEqual(['metrics/n.2026-03', 'metrics/n.2026-02'])
    const day = await readMetrics(data, 'n', now - 24 * 60 * minuteMs, now)
    expect(day.ok && day.value).toHaveLength(24 * 60)
  })
  it('has nothing of a node that never measured, and says when it cannot be reached', async () => {
    expect(await readMetrics(peer({}), 'n', now - minuteMs, now)).toEqual(ok([]))
    const away = { seriesRead: async () => err(appError('SERVER_UNREACHABLE', { server: 'x' })) }
    expect(await readMetrics(away, 'n', now - minuteMs, now)).toMatchObject({ ok: false })
  })
})

it('leaves out lines that are cut or not understood', () => {
  expect(minutesOf(`{"at":1\nnot json\n[]\n${text([minute(5)])}{"at":6,"sam`).map(({ at }) => at)).toEqual([5])
})

it('takes means in each step and leaves a gap where nothing was measured', () => {
  const steps = { fromMs: 0, stepMs: 10 * minuteMs, count: 3 }
  const minutes = [minute(0, 10), minute(minuteMs, 20), minute(2 * minuteMs, null), minute(25 * minuteMs, 7)]
  expect(stepsOf(minutes, steps, ({ cpuPercent }) => cpuPercent)).toEqual([15, null, 7])
  expect(stepsOf(minutes, steps, ({ cpuPercent }) => cpuPercent, 'highest')).toEqual([20, null, 7])
  expect(stepsOf([minute(-5), minute(99 * minuteMs)], steps, ({ cpuPercent }) => cpuPercent)).toEqual([null, null, null])
})
