import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ownPreferencesSchema,
  preferencesByTagSchema,
  preferencesSchema,
  type OwnPreferences,
  type Preferences,
} from '../collections/preferences.schema.ts'
import { effectivePreferences } from './effectivePreferences.ts'

const some = fc.record(
  { idleMinutes: fc.integer({ min: 1, max: 9 }), notOnBattery: fc.boolean(), cpuThreads: fc.integer({ min: 1, max: 8 }) },
  { requiredKeys: [], noNullPrototype: true },
)
const own = fc.record(
  { idleMinutes: fc.option(fc.integer({ min: 1, max: 9 })), notOnBattery: fc.option(fc.boolean()) },
  { requiredKeys: [], noNullPrototype: true },
)

describe('effectivePreferences', () => {
  it("puts the node's own before those of its tags, and its tags in their order", () => {
    const byTag = { cellar: { idleMinutes: 5, cpuThreads: 2 }, Rack: { idleMinutes: 9, notOnBattery: true } }
    expect(effectivePreferences({ cpuThreads: 8 }, ['rack', 'cellar', 'unknown'], byTag)).toEqual({
      preferences: { cpuThreads: 8, idleMinutes: 9, notOnBattery: true },
      tagOf: { idleMinutes: 'Rack', notOnBattery: 'Rack' },
    })
    expect(effectivePreferences({}, ['cellar', 'rack'], byTag).preferences.idleMinutes).toBe(5)
    expect(effectivePreferences({ idleMinutes: 1 }, [], byTag)).toEqual({ preferences: { idleMinutes: 1 }, tagOf: {} })
  })
  it('lets a node say that something does not matter here', () => {
    const { preferences, tagOf } = effectivePreferences({ idleMinutes: null }, ['a'], { a: { idleMinutes: 3, cpuThreads: 2 } })
    expect(preferences).toEqual({ cpuThreads: 2 })
    expect(tagOf).toEqual({ cpuThreads: 'a' })
  })
  it('takes the temperature to cool down to from where the limit comes from', () => {
    const byTag = { a: { maxTemperatureC: 80, resumeTemperatureC: 75 } }
    expect(effectivePreferences({ maxTemperatureC: 60 }, ['a'], byTag).preferences).toEqual({ maxTemperatureC: 60 })
    expect(effectivePreferences({ maxTemperatureC: null }, ['a'], byTag).preferences).toEqual({})
    expect(effectivePreferences({ resumeTemperatureC: 50 }, ['a'], byTag).preferences).toEqual(byTag.a)
  })
  it('is, for each preference, exactly what the first level says that says anything', () => {
    fc.assert(
      fc.property(own, some, some, (mine, first, second) => {
        const { preferences } = effectivePreferences(mine, ['1', '2'], { 1: first, 2: second })
        for (const name of ['idleMinutes', 'notOnBattery', 'cpuThreads'] as const) {
          const levels: OwnPreferences[] = [mine, first, second]
          const said = levels.map((level) => level[name]).find((value) => value !== undefined)
          expect(preferences[name]).toEqual(said ?? undefined)
        }
        expect(preferencesSchema.parse(preferences)).toEqual(preferences)
      }),
    )
  })
})

describe('the schemas', () => {
  it('allow null only for one node, and refuse what is out of range in both', () => {
    const none: OwnPreferences = { idleMinutes: null, keptGpus: null }
    expect(ownPreferencesSchema.parse(none)).toEqual(none)
    expect(preferencesByTagSchema.safeParse({ a: none }).success).toBe(false)
    const wrong = { idleMinutes: 0 } satisfies Preferences
    expect(ownPreferencesSchema.safeParse(wrong).success).toBe(false)
    expect(preferencesByTagSchema.safeParse({ a: wrong }).success).toBe(false)
    const many = Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`tag ${index}`, {}]))
    expect(preferencesByTagSchema.safeParse(many).success).toBe(false)
  })
})
