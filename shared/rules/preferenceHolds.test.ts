import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Preferences } from '../collections/preferences.schema.ts'
import { holdsNow, neededFacts, programName, resumeTemperature, type MachineMoment } from './preferenceHolds.ts'

const now = Date.parse('2026-11-20T12:00Z')
const calm: MachineMoment = {
  idleMs: 3_600_000,
  fullScreen: false,
  programs: new Set(['bash']),
  otherCpuPercent: 1,
  otherGpuPercent: 0,
  onBattery: false,
  metered: false,
  hottestC: 40,
  usesGpu: true,
}
const unknown: MachineMoment = {
  ...{ idleMs: null, fullScreen: null, programs: new Set<string>(), otherCpuPercent: null, otherGpuPercent: null },
  ...{ onBattery: null, metered: null, hottestC: null, usesGpu: false },
}
const all: Preferences = {
  idleMinutes: 3,
  notInFullScreen: true,
  excludedApps: ['Blender.exe'],
  excludedGpuApps: ['game'],
  otherCpuPercent: 25,
  otherGpuPercent: 25,
  notOnBattery: true,
  notOnMetered: true,
  computeHours: [{ days: [0, 1, 2, 3, 4, 5, 6], fromMinute: 0, toMinute: 1_440 }],
  maxTemperatureC: 80,
}
const codes = (wanted: Preferences, facts: Partial<MachineMoment>, before: string[] = []) =>
  holdsNow(wanted, { ...calm, ...facts }, now, 'UTC', new Set(before)).map(({ code }) => code)

describe('what the preferences hold', () => {
  test('nothing, on a calm computer and without preferences', () => {
    expect(codes(all, {})).toEqual([])
    expect(codes({}, { idleMs: 0, fullScreen: true, onBattery: true, metered: true, hottestC: 109, otherCpuPercent: 100 })).toEqual([])
  })
  test.each<[string, Partial<MachineMoment>, string[]]>([
    ['somebody at the keyboard', { idleMs: 179_999 }, ['USER_ACTIVE']],
    ['idle exactly long enough', { idleMs: 180_000 }, []],
    ['idle that nobody can tell', { idleMs: null }, ['USER_ACTIVE']],
    ['a headless computer', { idleMs: Infinity }, []],
    ['a film', { fullScreen: true }, ['FULL_SCREEN']],
    ['an excluded program', { programs: new Set(['blender']) }, ['EXCLUDED_APP']],
    ['a game', { programs: new Set(['game']) }, ['EXCLUDED_APP']],
    ['a game beside renders on the processor', { programs: new Set(['game']), usesGpu: false }, []],
    ['a program of a similar name', { programs: new Set(['blenderplayer', 'gamepad']) }, []],
    ['load of others', { otherCpuPercent: 25.1 }, ['CPU_BUSY']],
    ['load at the limit', { otherCpuPercent: 25 }, []],
    ['load on the card', { otherGpuPercent: 90 }, ['GPU_BUSY']],
    ['the battery', { onBattery: true }, ['ON_BATTERY']],
    ['a metered network', { metered: true }, ['METERED']],
    ['heat', { hottestC: 80 }, ['TOO_HOT']],
  ])('%s', (_name, facts, expected) => expect(codes(all, facts)).toEqual(expected))

  test('heat and load end a hold later than they begin one', () => {
    expect(codes(all, { hottestC: 71 }, ['TOO_HOT'])).toEqual(['TOO_HOT'])
    expect(codes(all, { hottestC: 70 }, ['TOO_HOT'])).toEqual([])
    expect(codes(all, { otherCpuPercent: 21 }, ['CPU_BUSY'])).toEqual(['CPU_BUSY'])
    expect(codes(all, { otherCpuPercent: 20 }, ['CPU_BUSY'])).toEqual([])
  })
  test('a hold says when it ends and what it is about', () => {
    expect(holdsNow({ idleMinutes: 3 }, { ...calm, idleMs: 60_000 }, now, 'UTC')).toEqual([
      { code: 'USER_ACTIVE', untilMs: now + 120_000, details: { minutes: 3, known: 1 } },
    ])
    const nights = { computeHours: [{ days: [0, 1, 2, 3, 4, 5, 6], fromMinute: 22 * 60, toMinute: 6 * 60 }] }
    expect(holdsNow(nights, calm, now, 'UTC')).toEqual([{ code: 'SCHEDULE', untilMs: now + 10 * 3_600_000, details: {} }])
    expect(holdsNow({ excludedApps: ['C:\\Games\\Doom.EXE'] }, { ...calm, programs: new Set(['doom']) }, now, 'UTC')).toMatchObject([
      { details: { program: 'C:\\Games\\Doom.EXE' } },
    ])
  })
  test('what cannot be told holds nothing, but for idle time', () => {
    expect(holdsNow(all, unknown, now, 'UTC').map(({ code }) => code)).toEqual(['USER_ACTIVE'])
  })
})

const preferences: fc.Arbitrary<Preferences> = fc.record(
  {
    idleMinutes: fc.integer({ min: 1, max: 1_440 }),
    notInFullScreen: fc.boolean(),
    excludedApps: fc.array(fc.constantFrom('a', 'b.exe', '/usr/bin/c')),
    otherCpuPercent: fc.integer({ min: 1, max: 100 }),
    otherGpuPercent: fc.integer({ min: 1, max: 100 }),
    notOnBattery: fc.boolean(),
    notOnMetered: fc.boolean(),
    maxTemperatureC: fc.integer({ min: 30, max: 110 }),
    resumeTemperatureC: fc.integer({ min: 30, max: 110 }),
  },
  { requiredKeys: [] },
)
const moments = fc.record({
  idleMs: fc.option(fc.integer({ min: 0, max: 90_000_000 })),
  fullScreen: fc.option(fc.boolean()),
  programs: fc.array(fc.constantFrom('a', 'b', 'c', 'd')).map((names) => new Set(names)),
  otherCpuPercent: fc.option(fc.double({ min: 0, max: 100, noNaN: true })),
  otherGpuPercent: fc.option(fc.double({ min: 0, max: 100, noNaN: true })),
  onBattery: fc.option(fc.boolean()),
  metered: fc.option(fc.boolean()),
  hottestC: fc.option(fc.integer({ min: 0, max: 120 })),
  usesGpu: fc.boolean(),
})

describe('whatever is preferred and whatever is so', () => {
  const codeSet = (wanted: Preferences, facts: MachineMoment, before: Iterable<string> = []) =>
    new Set(holdsNow(wanted, facts, now, 'UTC', new Set(before)).map(({ code }) => code as string))

  test('the same moment gives the same holds again: nothing swings by itself', () => {
    fc.assert(
      fc.property(preferences, moments, (wanted, facts) => {
        const first = codeSet(wanted, facts)
        expect(codeSet(wanted, facts, first)).toEqual(first)
      }),
    )
  })
  test('a hold that stood never makes another one less', () => {
    fc.assert(
      fc.property(preferences, moments, (wanted, facts) => {
        const fresh = codeSet(wanted, facts)
        const held = codeSet(wanted, facts, ['TOO_HOT', 'CPU_BUSY', 'GPU_BUSY'])
        for (const code of fresh) expect(held.has(code)).toBe(true)
      }),
    )
  })
  test('fewer preferences never hold more, and what is not needed does not matter', () => {
    fc.assert(
      fc.property(preferences, moments, fc.constantFrom(...Object.keys(all)), (wanted, facts, dropped) => {
        const { [dropped]: _gone, ...fewer } = wanted
        // Without a limit of its own, the temperature to resume at means nothing.
        for (const code of codeSet(fewer, facts)) expect(codeSet(wanted, facts).has(code)).toBe(true)
        const needed = neededFacts(wanted)
        const measured: MachineMoment = {
          ...unknown,
          ...{ usesGpu: facts.usesGpu, programs: needed.programs ? facts.programs : new Set<string>() },
          idleMs: needed.idle ? facts.idleMs : null,
          fullScreen: needed.fullScreen ? facts.fullScreen : null,
          otherCpuPercent: needed.cpu ? facts.otherCpuPercent : null,
          otherGpuPercent: needed.gpu ? facts.otherGpuPercent : null,
          onBattery: needed.battery ? facts.onBattery : null,
          metered: needed.metered ? facts.metered : null,
          hottestC: needed.temperature ? facts.hottestC : null,
        }
        expect(codeSet(wanted, measured)).toEqual(codeSet(wanted, facts))
      }),
    )
  })
  test('a card always has to cool down before it goes on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 30, max: 110 }), fc.option(fc.integer({ min: 30, max: 110 }), { nil: undefined }), (max, resume) => {
        const wanted = { maxTemperatureC: max, ...(resume === undefined ? {} : { resumeTemperatureC: resume }) }
        expect(resumeTemperature(wanted)).toBeLessThan(max)
      }),
    )
  })
  test('names are compared without folder, case and .exe', () => {
    for (const name of ['Steam', '/usr/bin/steam', 'C:\\Steam\\steam.EXE', ' steam ']) expect(programName(name)).toBe('steam')
  })
})
