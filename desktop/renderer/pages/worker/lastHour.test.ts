import { describe, expect, it } from 'vitest'
import type { MinuteMetrics } from '#shared/sync/minuteMetrics.ts'
import { createLastHour, minuteMs, minutesShown, sampleOfMinute } from './lastHour.ts'

const now = 1_000 * minuteMs + 20_000

describe('createLastHour', () => {
  it('has a place for each of sixty minutes, the present one last, and gaps where nothing is known', () => {
    const hour = createLastHour()
    hour.put(now - 59 * minuteMs, { cpu: 10 })
    hour.put(now - minuteMs, { cpu: 30 })
    const values = hour.of('cpu', now)
    expect(values).toHaveLength(minutesShown)
    expect([values[0], values[1], values.at(-2), values.at(-1)]).toEqual([10, null, 30, null])
    // A minute later all of it has moved by one place.
    expect(hour.of('cpu', now + minuteMs).slice(-3)).toEqual([30, null, null])
  })
  it('joins what is heard live in a minute to its mean, and does not invent what was not measured', () => {
    const hour = createLastHour()
    for (const cpu of [10, null, 40]) hour.add({ cpu, ram: null }, now)
    expect(hour.of('cpu', now).at(-1)).toBeCloseTo(25)
    expect(hour.of('ram', now).at(-1)).toBeNull()
    expect(hour.of('gpu/none', now).every((value) => value === null)).toBe(true)
  })
  it('believes what the worker wrote of a minute, and keeps no more than the hour', () => {
    const hour = createLastHour()
    hour.put(now, { cpu: 50 })
    hour.add({ cpu: 90 }, now)
    expect(hour.of('cpu', now).at(-1)).toBe(50)
    for (let minute = 0; minute < 3 * minutesShown; minute += 1) hour.add({ cpu: minute }, now + minute * minuteMs)
    const values = hour.of('cpu', now + 3 * minutesShown * minuteMs - minuteMs)
    expect([values[0], values.at(-1)]).toEqual([2 * minutesShown, 3 * minutesShown - 1])
  })
  it('is drawn when it has a few minutes', () => {
    const hour = createLastHour()
    hour.add({ cpu: 1 }, now)
    expect(hour.isThere()).toBe(false)
    for (const back of [1, 2]) hour.put(now - back * minuteMs, { cpu: 1 })
    expect(hour.isThere()).toBe(true)
    hour.clear()
    expect(hour.isThere()).toBe(false)
  })
})

it('names the values of a minute as those that are heard live', () => {
  const minute: MinuteMetrics = {
    ...{ at: now, samples: 60, cpuPercent: 12, ramUsedMiB: 512, diskFreeMiB: null, tasks: 1 },
    gpus: [{ uuid: 'a', utilisationPercent: 98, memoryUsedMiB: 1, maxTemperatureC: 60, powerW: 200 }],
  }
  expect(sampleOfMinute(minute, 1_024)).toEqual({ cpu: 12, ram: 50, 'gpu/a': 98 })
  expect(sampleOfMinute(minute, null)['ram']).toBeNull()
})
