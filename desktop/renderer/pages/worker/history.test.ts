import { describe, expect, it } from 'vitest'
import type { LiveNode } from '#shared/sync/live.ts'
import { createHistory, historyLength, sampleOf } from './history.ts'

describe('createHistory', () => {
  it('keeps the last minute', () => {
    const history = createHistory()
    for (let second = 0; second < 100; second++) history.add({ cpu: second }, second * 1_000)
    const values = history.of('cpu')
    expect(values).toHaveLength(historyLength)
    expect(values.at(-1)).toBe(99)
    expect(values[0]).toBe(40)
  })
  it('grows from the left', () => {
    const history = createHistory()
    history.add({ cpu: 5 }, 0)
    expect(history.of('cpu').slice(0, 2)).toEqual([5, null])
    expect(history.of('cpu')).toHaveLength(historyLength)
  })
  it('leaves a gap where nothing was heard', () => {
    const history = createHistory()
    history.add({ cpu: 5 }, 0)
    history.add({ cpu: 7 }, 60_000)
    expect(history.of('cpu').slice(0, 4)).toEqual([5, null, 7, null])
  })
  it('does not invent values that are not measured', () => {
    const history = createHistory()
    history.add({ cpu: null }, 0)
    expect(history.of('cpu').every((value) => value === null)).toBe(true)
    expect(history.of('gpu/1').every((value) => value === null)).toBe(true)
  })
})

describe('sampleOf', () => {
  it('turns memory into shares, and leaves out what has no total', () => {
    const live = {
      cpuPercent: 12,
      ramUsedMiB: 512,
      ramTotalMiB: 1_024,
      gpus: [{ uuid: 'a', utilisationPercent: 98, memoryUsedMiB: 10, memoryTotalMiB: null }],
    } as unknown as LiveNode
    expect(sampleOf(live)).toEqual({ cpu: 12, ram: 50, 'gpu/a': 98, 'vram/a': null })
  })
})
