import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clampStamps, mergeFields, stampFields, type Stamped } from './fieldMerge.ts'
import { formatStamp, nextStamp, parseStamp } from './stamps.ts'

const stamp = fc
  .record({ timeMs: fc.integer({ min: 1, max: 5 }), counter: fc.integer({ min: 0, max: 2 }), writer: fc.constantFrom('a', 'b') })
  .map(formatStamp)
const part = fc.jsonValue({ maxDepth: 1 })
const preferences = fc.dictionary(fc.constantFrom('idleMinutes', 'cpuThreads', 'maxTemperatureC', 'resumeTemperatureC', '__proto__'), part)
const wanted = fc.record(
  { generation: fc.nat(5), pause: fc.constantFrom('none', 'now'), pauseUntil: fc.nat(5), bidMicroPerUnit: fc.nat(5), preferences },
  { requiredKeys: ['generation', 'pause'], noNullPrototype: true },
)
const tags = fc.dictionary(fc.constantFrom('cellar', 'a/b', '~1', '*'), preferences, { maxKeys: 3 })
/** As they are written now, for single parts, and as versions that knew only whole fields wrote them. */
const paths = [
  ...['name', 'tags', 'wanted', 'locationLabel', 'deletedAt', 'preferencesByTag'],
  ...['wanted/pause', 'wanted/pauseUntil', 'wanted/preferences', 'wanted/preferences/idleMinutes', 'wanted/preferences/__proto__'],
  ...['preferencesByTag/a~1b', 'preferencesByTag/a~1b/cpuThreads', 'preferencesByTag/~01/idleMinutes'],
]
const version: fc.Arbitrary<Stamped> = fc
  .record({
    values: fc.dictionary(fc.constantFrom('name', 'tags', 'locationLabel', 'deletedAt'), fc.jsonValue({ maxDepth: 2 }), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
    parts: fc.record({ wanted, preferencesByTag: tags }, { requiredKeys: [], noNullPrototype: true }),
    stamps: fc.dictionary(fc.constantFrom(...paths), stamp, { maxKeys: 8, noNullPrototype: true }),
    updatedAt: fc.nat(),
  })
  // Through JSON, as every document comes.
  .map(
    ({ values, parts, stamps, updatedAt }) =>
      JSON.parse(JSON.stringify({ ...values, ...parts, id: 'node-1', stamps, updatedAt })) as Stamped,
  )

describe('mergeFields', () => {
  it('is commutative', () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        expect(mergeFields(a, b)).toEqual(mergeFields(b, a))
      }),
    )
  })
  it('is associative', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(mergeFields(mergeFields(a, b), c)).toEqual(mergeFields(a, mergeFields(b, c)))
      }),
    )
  })
  it('is idempotent, also when an input is merged again later', () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        const once = mergeFields(a, b)
        expect(mergeFields(once, a)).toEqual(once)
        expect(mergeFields(a, a)).toEqual(a)
      }),
    )
  })
  it('keeps edits of different fields from two dashboards', () => {
    const base: Stamped = { id: 'node-1', name: 'old', tags: [], stamps: {}, updatedAt: 1 }
    const left = stampFields(base, { name: 'left' }, { now: () => 100 }, 'l')
    const right = stampFields(base, { tags: ['right'] }, { now: () => 90 }, 'r')
    expect(mergeFields(left, right)).toMatchObject({ name: 'left', tags: ['right'], updatedAt: 100 })
  })
  it('takes a removed field away when the removal is later', () => {
    const base = stampFields<Stamped>({ id: 'n', stamps: {}, updatedAt: 0 }, { label: 'here' }, { now: () => 5 }, 'a')
    const removed = stampFields(base, { label: undefined }, { now: () => 6 }, 'b')
    expect(mergeFields(base, removed)).not.toHaveProperty('label')
  })
})

describe('fields made of parts', () => {
  const worker = {
    ...{ id: 'n', stamps: {} as Record<string, string>, updatedAt: 0 },
    wanted: { generation: 1, pause: 'none', pauseUntil: 7, preferences: { idleMinutes: 3, maxTemperatureC: 80 } as Record<string, number> },
  }
  type Shape = Omit<typeof worker, 'wanted'> & { wanted: Partial<(typeof worker)['wanted']> & { bidMicroPerUnit?: number } }
  const edit = (from: Shape, at: number, change: (before: Shape['wanted']) => Shape['wanted']) =>
    stampFields<Shape>(from, { wanted: change(from.wanted) }, { now: () => at }, `w${at}`)

  it('keep a pause, a bid and preferences of two dashboards', () => {
    const paused = edit(worker, 10, ({ pauseUntil: _, ...rest }) => ({ ...rest, pause: 'now', generation: 2 }))
    const priced = edit(worker, 11, (before) => ({ ...before, bidMicroPerUnit: 5, generation: 2 }))
    const set = edit(worker, 12, (before) => ({ ...before, preferences: { ...before.preferences, cpuThreads: 4 } }))
    const cleared = edit(worker, 9, (before) => ({ ...before, preferences: { maxTemperatureC: 80 } }))
    const merged = [priced, set, cleared].reduce((one, other) => mergeFields(one, other), paused)
    expect(merged.wanted).toEqual({ generation: 2, pause: 'now', bidMicroPerUnit: 5, preferences: { maxTemperatureC: 80, cpuThreads: 4 } })
  })
  it('decide together what means something only together', () => {
    const until = edit(worker, 10, (before) => ({ ...before, pause: 'now', pauseUntil: 99 }))
    // Says nothing about an end, because there was the same before: all the same it is this pause that holds, with its own end.
    const later = edit(worker, 11, (before) => ({ ...before, pause: 'afterFrame' }))
    expect(mergeFields(until, later).wanted).toMatchObject({ pause: 'afterFrame', pauseUntil: 7 })
    const cooler = edit(worker, 12, (before) => ({ ...before, preferences: { ...before.preferences, maxTemperatureC: 60 } }))
    const resume = edit(worker, 11, (before) => ({ ...before, preferences: { ...before.preferences, resumeTemperatureC: 75 } }))
    expect(mergeFields(cooler, resume).wanted.preferences).toEqual({ idleMinutes: 3, maxTemperatureC: 60 })
  })
  it('read documents of versions that stamped the whole field', () => {
    const old = {
      ...worker,
      stamps: { wanted: formatStamp({ timeMs: 20, counter: 0, writer: 'old' }) },
      wanted: { generation: 3, pause: 'drain' },
    }
    const before = edit(worker, 19, (wanted) => ({ ...wanted, bidMicroPerUnit: 5 }))
    const after = edit(worker, 21, (wanted) => ({ ...wanted, bidMicroPerUnit: 6 }))
    expect(mergeFields<Shape>(old, before).wanted).toEqual({ generation: 3, pause: 'drain', preferences: {} })
    expect(mergeFields<Shape>(old, after).wanted).toEqual({ generation: 3, pause: 'drain', preferences: {}, bidMicroPerUnit: 6 })
  })
  it('never let the generation fall', () => {
    const thrice = edit(worker, 10, (before) => ({ ...before, pause: 'now', generation: 4 }))
    const once = edit(worker, 12, (before) => ({ ...before, pause: 'none', pauseUntil: 1, generation: 2 }))
    expect(mergeFields(thrice, once).wanted).toMatchObject({ pause: 'none', generation: 4 })
  })
})

describe('stampFields', () => {
  it('stamps later than what the document carries, with a clock that runs behind', () => {
    fc.assert(
      fc.property(version, fc.integer({ min: 0, max: 5 }), (document, now) => {
        const next = stampFields(document, { name: 'changed by hand' }, { now: () => now }, 'z')
        for (const earlier of Object.values(document.stamps)) expect((next.stamps['name'] ?? '') > earlier).toBe(true)
      }),
    )
  })
  it('leaves equal fields and their stamps alone', () => {
    const base: Stamped = { id: 'n', name: 'same', stamps: {}, updatedAt: 0 }
    expect(stampFields(base, { name: 'same' }, { now: () => 5 }, 'a').stamps).toEqual({})
  })
})

describe('clampStamps', () => {
  const future = formatStamp({ timeMs: 10_000_000, counter: 0, writer: 'a' })
  it('cuts stamps from the future back to the server time', () => {
    const clamped = clampStamps({ id: 'n', stamps: { name: future }, updatedAt: 0 }, null, 1_000)
    expect(parseStamp(clamped.stamps.name)?.timeMs).toBe(1_000)
  })
  it('drops what is not a stamp', () => {
    expect(clampStamps({ id: 'n', stamps: { name: 'zzzz' }, updatedAt: 0 }, null, 1_000).stamps).toEqual({})
  })
  it('leaves small deviations and stamps the server holds', () => {
    const document = { id: 'n', stamps: { name: formatStamp({ timeMs: 2_000, counter: 0, writer: 'a' }) }, updatedAt: 0 }
    expect(clampStamps(document, null, 1_000)).toBe(document)
    expect(clampStamps({ id: 'n', stamps: { name: future } }, { stamps: { name: future } }, 1_000).stamps.name).toBe(future)
  })
})

describe('stamps', () => {
  it('order as text like their numbers', () => {
    const any = fc.record({ timeMs: fc.integer({ min: 0, max: 2 ** 46 }), counter: fc.integer({ min: 0, max: 36 ** 4 - 1 }) })
    fc.assert(
      fc.property(any, any, (a, b) => {
        const order = Math.sign(a.timeMs - b.timeMs || a.counter - b.counter)
        const [left, right] = [formatStamp({ ...a, writer: '' }), formatStamp({ ...b, writer: '' })]
        expect(left < right ? -1 : left > right ? 1 : 0).toBe(order)
      }),
    )
  })
  it('go on in the next millisecond when the counter is full', () => {
    const full = formatStamp({ timeMs: 7, counter: 36 ** 4 - 1, writer: 'a' })
    expect(nextStamp([full], 1, 'b') > full).toBe(true)
  })
})
