import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Preferences } from '#shared/collections/preferences.schema.ts'
import { createHolds, type Holds } from '../node/holds.ts'
import { withHolds } from '../tasks/pause.ts'
import { manualClock, type ManualClock } from '../testing/manualClock.ts'
import { quietLog } from '../testing/quietLog.ts'
import { cardFacts } from './cardFacts.ts'
import { nothingKnown, type MachineProbes, type ProbedFacts } from './probes.ts'
import { watchPreferences, type PreferenceWatch } from './watchPreferences.ts'

let clock: ManualClock
let holds: Holds
let facts: ProbedFacts
let looks: number
let watch: PreferenceWatch
let anyway: boolean
const probes: MachineProbes = {
  look: () => ((looks += 1), Promise.resolve(facts)),
  means: () => Promise.resolve([]),
  stop: () => undefined,
}
const codes = () => holds.list().map(({ code }) => code)
/** Lets a second pass and whatever was begun come to its end. */
const second = async () => {
  clock.advance(1_000)
  await new Promise((resolve) => setImmediate(resolve))
}
const want = async (wanted: Preferences | null) => {
  watch.setWanted(wanted)
  await new Promise((resolve) => setImmediate(resolve))
}

beforeEach(() => {
  clock = manualClock(Date.parse('2026-11-20T12:00Z'))
  holds = createHolds({ clock, serverNow: () => clock.now() + 5_000 })
  facts = nothingKnown
  looks = 0
  anyway = false
  watch = watchPreferences({
    ...{ probes, holds, clock, log: quietLog, serverNow: () => clock.now() + 5_000, zone: () => 'UTC' },
    cards: () => ({ hottestC: null, otherGpuPercent: null, usesGpu: false }),
    anyway: () => anyway,
  })
})
afterEach(() => watch.stop())

describe('preferences in force', () => {
  test('without any nothing is measured, ever', async () => {
    await want({})
    for (let n = 0; n < 60; n++) await second()
    expect(looks).toBe(0)
    await want({ cpuThreads: 2, priority: 'low' })
    await second()
    expect(looks).toBe(0)
  })
  test('a program holds at the next look and lets go when it ended; the hold names it', async () => {
    await want({ excludedApps: ['Game.exe'] })
    expect(codes()).toEqual([])
    facts = { ...nothingKnown, programs: new Set(['game']) }
    await second()
    expect(holds.list()).toMatchObject([{ code: 'EXCLUDED_APP', details: { program: 'Game.exe' } }])
    expect(holds.blocking()).toBe(true)
    facts = nothingKnown
    await second()
    expect(codes()).toEqual([])
  })
  test('a changed wish counts at once, without a look in between; taking it back lets go', async () => {
    facts = { ...nothingKnown, onBattery: true }
    await want({ notOnBattery: true })
    expect(codes()).toEqual(['ON_BATTERY'])
    await want(null)
    expect(codes()).toEqual([])
    const before = looks
    await second()
    expect(looks).toBe(before)
  })
  test('what other parts hold is left alone', async () => {
    holds.set('DISK_FULL', { blocks: true })
    facts = { ...nothingKnown, onBattery: true }
    await want({ notOnBattery: true })
    await want(null)
    expect(codes()).toEqual(['DISK_FULL'])
  })
  test('hours hold and let go by the clock, and say until when in server time', async () => {
    await want({ computeHours: [{ days: [4], fromMinute: 12 * 60 + 1, toMinute: 13 * 60 }] })
    expect(holds.list()).toMatchObject([{ code: 'SCHEDULE', until: Date.parse('2026-11-20T12:01Z') + 5_000 }])
    for (let n = 0; n < 60; n++) await second()
    expect(codes()).toEqual([])
  })
  test('somebody at the keyboard changes the hold once, not with each key', async () => {
    const changed = vi.fn()
    holds.onChange(changed)
    await want({ idleMinutes: 3 })
    for (let n = 0; n < 10; n++) {
      facts = { ...nothingKnown, idleMs: n * 100 }
      await second()
    }
    expect([codes(), changed.mock.calls.length]).toEqual([['USER_ACTIVE'], 2])
  })
  test('after the frame: nothing is suspended, and no other frame is begun', async () => {
    facts = { ...nothingKnown, fullScreen: true }
    await want({ notInFullScreen: true, whenHeld: 'afterFrame' })
    expect([holds.blocking(), holds.afterFrame()]).toEqual([false, true])
    const none = { kind: 'none', holds: [], nextChangeMs: null } as const
    expect(withHolds({ ...none, holds: [] }, holds).kind).toBe('afterFrame')
    expect(withHolds({ ...none, holds: [], kind: 'now' }, holds).kind).toBe('now')
    expect(withHolds({ ...none, holds: [], kind: 'drain' }, holds).kind).toBe('afterFrame')
  })
  test('work anyway lifts what holds, but not the heat, measures nothing for it, and all of it is back afterwards', async () => {
    let hottestC = 50
    watch.stop()
    watch = watchPreferences({
      ...{ probes, holds, clock, log: quietLog, serverNow: () => clock.now() + 5_000, zone: () => 'UTC', anyway: () => anyway },
      cards: () => ({ hottestC, otherGpuPercent: null, usesGpu: true }),
    })
    facts = { ...nothingKnown, onBattery: true, metered: true, fullScreen: true, idleMs: 0, programs: new Set(['game']) }
    const wishes = {
      notOnBattery: true,
      notOnMetered: true,
      notInFullScreen: true,
      idleMinutes: 3,
      excludedApps: ['game'],
      maxTemperatureC: 80,
    }
    await want({ ...wishes, computeHours: [] })
    expect(codes()).toHaveLength(6)
    anyway = true
    watch.wake()
    await new Promise((resolve) => setImmediate(resolve))
    expect(codes()).toEqual([])
    hottestC = 85
    await second()
    expect(codes()).toEqual(['TOO_HOT'])
    hottestC = 50
    anyway = false
    await second()
    expect(codes()).toHaveLength(6)
  })
  test('a look that fails is tried again', async () => {
    const look = vi.spyOn(probes, 'look').mockRejectedValueOnce(new Error('gone'))
    facts = { ...nothingKnown, onBattery: true }
    await want({ notOnBattery: true })
    await second()
    expect(codes()).toEqual(['ON_BATTERY'])
    look.mockRestore()
  })
})

test('the hottest card that is rendered on counts; load is that of others only while we do not render', () => {
  const gpu = (uuid: string, temperatureC: number | null, utilisationPercent: number) => ({
    ...{ uuid, name: 'RTX', utilisationPercent, memoryUsedMiB: null, memoryTotalMiB: null, temperatureC, powerW: null, fanPercent: null },
  })
  const live = {
    ...{ nodeId: 'n', atMs: 0, cpuPercent: null, ramUsedMiB: null, ramTotalMiB: null, diskFreeMiB: null, tasks: [] },
    gpus: [gpu('GPU-1', 50, 10), gpu('GPU-2', 90, 80), gpu('GPU-3', null, 0)],
  }
  const one = [{ kind: 'gpu' as const, visible: ['GPU-1', 'GPU-3'] }]
  expect(cardFacts(live, one)).toEqual({ usesGpu: true, hottestC: 50, otherGpuPercent: 10 })
  expect(cardFacts(live, [{ kind: 'gpu' }]).hottestC).toBe(90)
  expect(cardFacts(null, [{ kind: 'cpu' }])).toEqual({ usesGpu: false, hottestC: null, otherGpuPercent: null })
  const rendering = { ...live, tasks: [{ state: 'rendering' }] } as unknown as typeof live
  expect(cardFacts(rendering, one).otherGpuPercent).toBeNull()
})
