import { describe, expect, it, vi } from 'vitest'
import { withTold } from '../preferences/toldProbes.ts'
import { nothingKnown, type MachineProbes } from '../preferences/probes.ts'
import { createSystemFacts } from './systemFacts.ts'

function setUp() {
  const time = { wall: 1_000_000, ran: 0 }
  const system = createSystemFacts({ now: () => time.wall, monotonicMs: () => time.ran })
  const pass = (ms: number) => {
    time.wall += ms
    time.ran += ms
  }
  return { system, time, pass }
}
const needed = {
  ...{ idle: true, battery: true, fullScreen: false, programs: false, cpu: false },
  ...{ gpu: false, metered: false, temperature: false, hours: false },
}

it('tells once how long the computer slept, by the wall clock', () => {
  const { system, time } = setUp()
  const slept = vi.fn()
  system.onSleep(slept)
  system.tell({ kind: 'resume' })
  expect(slept, 'woken without having slept').not.toHaveBeenCalled()
  system.tell({ kind: 'suspend' })
  time.wall += 3_600_000
  system.tell({ kind: 'resume' })
  system.tell({ kind: 'resume' })
  expect(slept).toHaveBeenCalledExactlyOnceWith(3_600_000)
})

it('knows of an idle time for as long as it is told, and of a locked screen until it is unlocked', () => {
  const { system, pass } = setUp()
  expect(system.idleMs()).toBeNull()
  system.tell({ kind: 'user', idleMs: 5_000 })
  pass(2_000)
  expect(system.idleMs()).toBe(7_000)
  pass(60_000)
  expect(system.idleMs(), 'told long ago').toBeNull()
  system.tell({ kind: 'lock' })
  pass(600_000)
  expect(system.idleMs()).toBe(600_000)
  system.tell({ kind: 'unlock' })
  expect(system.idleMs()).toBeNull()
})

it('is too hot when the system says so', () => {
  const { system } = setUp()
  const seen = (['nominal', 'fair', 'serious', 'critical', 'nominal'] as const).map((state) => {
    system.tell({ kind: 'thermal', state })
    return system.isTooHot()
  })
  expect(seen).toEqual([false, false, true, true, false])
})

it('adds to the probes what only the system can tell, and leaves what they know better', async () => {
  const { system } = setUp()
  const own = { ...nothingKnown, idleMs: null as number | null, onBattery: false as boolean | null }
  const probes: MachineProbes = {
    look: () => Promise.resolve({ ...own }),
    means: () => Promise.resolve([{ fact: 'idle', how: 'X11', state: own.idleMs === null ? 'missing' : 'works' }]),
    stop: vi.fn(),
  }
  const both = withTold(probes, system)
  expect(await both.look(needed)).toMatchObject({ idleMs: null, onBattery: false })
  system.tell({ kind: 'user', idleMs: 9_000 })
  system.tell({ kind: 'power', onBattery: true })
  expect(await both.look(needed)).toMatchObject({ idleMs: 9_000, onBattery: true })
  expect(await both.means()).toEqual([{ fact: 'idle', how: 'Electron', state: 'unverified' }])
  own.idleMs = 100
  expect(await both.look(needed)).toMatchObject({ idleMs: 100 })
  expect(await both.means()).toEqual([{ fact: 'idle', how: 'X11', state: 'works' }])
})

describe('helpers in the sessions of people', () => {
  it('the shortest idle time and anybody’s full screen count, for as long as they are told; they replace what a service sees', async () => {
    let now = 0
    const clock = { now: () => now, monotonicMs: () => now }
    const system = createSystemFacts(clock)
    const blind: MachineProbes = {
      look: async () => ({ ...nothingKnown, idleMs: 999_999, fullScreen: false }),
      means: async () => [
        { fact: 'idle', how: '-', state: 'unverified' },
        { fact: 'fullScreen', how: '-', state: 'missing' },
      ],
      stop: () => undefined,
    }
    const both = withTold(blind, system)
    const needed = {
      idle: true,
      fullScreen: true,
      programs: false,
      cpu: false,
      battery: false,
      metered: false,
      gpu: false,
      temperature: false,
      hours: false,
    }
    expect(await both.look(needed)).toMatchObject({ idleMs: 999_999, fullScreen: false })
    system.tell({ kind: 'session', session: 'ada', idleMs: 50_000, fullScreen: false })
    system.tell({ kind: 'session', session: 'bob', idleMs: 1_000, fullScreen: true })
    now = 2_000
    expect(await both.look(needed)).toMatchObject({ idleMs: 3_000, fullScreen: true })
    expect((await both.means()).map(({ state }) => state)).toEqual(['works', 'works'])
    system.tell({ kind: 'session', session: 'ada', idleMs: 52_000, fullScreen: false })
    now = 31_500
    expect(await both.look(needed)).toMatchObject({ idleMs: 81_500, fullScreen: false })
    now = 80_000
    expect(system.inSessions()).toBeNull()
  })
})
