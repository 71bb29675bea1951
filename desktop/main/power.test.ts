import { EventEmitter } from 'node:events'
import { beforeEach, expect, it, vi } from 'vitest'
import { durations } from '#shared/durations.ts'
import { systemEventSchema, type SystemEvent } from '#shared/api/systemEvents.ts'
import type { Clock } from '#shared/log.ts'
import { watchPower } from './power.ts'

const system = vi.hoisted(() => ({
  monitor: null as unknown as NodeJS.EventEmitter,
  ...{ onBattery: false, idleSeconds: 0, thermal: 'nominal' },
}))
vi.mock('electron', () => ({
  powerMonitor: {
    on: (name: string, listener: () => void) => system.monitor.on(name, listener),
    off: (name: string, listener: () => void) => system.monitor.off(name, listener),
    isOnBatteryPower: () => system.onBattery,
    getSystemIdleTime: () => system.idleSeconds,
    getCurrentThermalState: () => system.thermal,
  },
}))
beforeEach(() => Object.assign(system, { monitor: new EventEmitter(), onBattery: false, idleSeconds: 0, thermal: 'nominal' }))

function watch() {
  const told: SystemEvent[] = []
  const waits = new Map<() => void, number>()
  const clock: Clock = {
    now: () => 0,
    monotonicMs: () => 0,
    after(delayMs, callback) {
      waits.set(callback, delayMs)
      return () => void waits.delete(callback)
    },
  }
  const power = watchPower(clock, (event) => told.push(event))
  // The node parses what it is told.
  const news = () => told.splice(0).map((event) => systemEventSchema.parse(event))
  return { power, news, waits, pass: () => [...waits.keys()].forEach((callback) => waits.delete(callback) && callback()) }
}

it.each([
  ['suspend', undefined, [{ kind: 'suspend' }]],
  ['lock-screen', undefined, [{ kind: 'lock' }]],
  ['unlock-screen', undefined, [{ kind: 'unlock' }]],
  ['shutdown', undefined, [{ kind: 'shutdown' }]],
  ['on-battery', undefined, [{ kind: 'power', onBattery: true }]],
  ['on-ac', undefined, [{ kind: 'power', onBattery: false }]],
  ['thermal-state-change', { state: 'critical' }, [{ kind: 'thermal', state: 'critical' }]],
  ['thermal-state-change', { state: 'of a later system' }, [{ kind: 'thermal', state: 'unknown' }]],
] as const)('%s %j is told to the node', (name, details, expected) => {
  const { news } = watch()
  expect(news(), 'at the beginning: how it is fed').toEqual([{ kind: 'power', onBattery: false }])
  system.monitor.emit(name, details)
  expect(news()).toEqual(expected)
})

it('after waking up it looks whether it was unplugged meanwhile', () => {
  const { news } = watch()
  news()
  system.onBattery = true
  system.monitor.emit('resume')
  expect(news()).toEqual([{ kind: 'resume' }, { kind: 'power', onBattery: true }])
})

it('a node that was started again hears once more what lasts', () => {
  const { power, news } = watch()
  system.monitor.emit('lock-screen')
  news()
  power.tellAgain()
  expect(news().filter(({ kind }) => kind !== 'thermal')).toEqual([{ kind: 'power', onBattery: false }, { kind: 'lock' }])
  system.monitor.emit('unlock-screen')
  news()
  power.tellAgain()
  expect(news().map(({ kind }) => kind)).not.toContain('lock')
})

it('tells how long nobody used the computer only while the node wants to know, and nothing after its end', () => {
  const { power, news, waits, pass } = watch()
  news()
  system.idleSeconds = 42
  power.watchUser(true)
  power.watchUser(true)
  expect(news()).toEqual([{ kind: 'user', idleMs: 42_000 }])
  expect([...waits.values()]).toEqual([durations.userIdleTellMs])
  system.idleSeconds = 44
  pass()
  expect(news()).toEqual([{ kind: 'user', idleMs: 44_000 }])
  power.watchUser(false)
  expect(waits.size).toBe(0)
  power.watchUser(true)
  news()
  power.stop()
  expect(waits.size).toBe(0)
  expect(system.monitor.eventNames(), 'nobody listens any more').toEqual([])
})
