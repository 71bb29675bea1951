import { describe, expect, test } from 'vitest'
import { createDeviceSlots, devicesFor, isSameSlot } from './deviceSlots.ts'

describe('slots', () => {
  const blender = { kind: 'blender', version: '4.2.0', path: '/b', engines: ['CYCLES'], denoisers: [] }
  const card = (uuid: string) => ({ index: 0, uuid, name: 'RTX', vendor: 'NVIDIA', vramMiB: 1, driverVersion: '1' })
  const slots = (devices: string[], gpus: string[], preferences = {}) =>
    devicesFor({ software: [{ ...blender, devices }], gpus: gpus.map(card), preferences })
  test('none without a program, the processor where no Blender can use a card, one for each card with a UUID', () => {
    expect(devicesFor({ software: [], gpus: [card('GPU-1')], preferences: {} })).toEqual([])
    expect(slots(['CPU'], ['GPU-1'])).toEqual([{ kind: 'cpu' }])
    expect(slots(['CPU', 'HIP'], ['0000:03:00.0'])).toEqual([{ kind: 'gpu' }])
    expect(slots(['CPU', 'OPTIX'], ['GPU-1', 'GPU-2'])).toEqual([
      { kind: 'gpu', visible: ['GPU-1'] },
      { kind: 'gpu', visible: ['GPU-2'] },
    ])
  })
  test('a card kept for its owner is no slot, and its tasks do not fall to the processor', () => {
    expect(slots(['CPU', 'OPTIX'], ['GPU-1', 'GPU-2'], { keptGpus: ['GPU-1'], cpuThreads: 2 })).toEqual([
      { kind: 'gpu', visible: ['GPU-2'], threads: 2 },
    ])
    expect(slots(['CPU', 'OPTIX'], ['GPU-1'], { keptGpus: ['GPU-1'] })).toEqual([])
    expect(slots(['CPU', 'HIP'], ['0000:03:00.0'], { keptGpus: ['0000:03:00.0'] })).toEqual([])
  })
  test('stay the same array until something changes; other limits make no other slot', () => {
    let preferences: { cpuThreads?: number } = {}
    const current = createDeviceSlots(() => ({ software: [{ ...blender, devices: ['CPU'] }], gpus: [], preferences }))
    const first = current()
    expect(current()).toBe(first)
    preferences = { cpuThreads: 3 }
    expect(current()).toEqual([{ kind: 'cpu', threads: 3 }])
    expect(isSameSlot({ kind: 'cpu' }, { kind: 'cpu', threads: 3 })).toBe(true)
    expect(isSameSlot({ kind: 'gpu', visible: ['GPU-1'] }, { kind: 'gpu', visible: ['GPU-2'] })).toBe(false)
  })
})
