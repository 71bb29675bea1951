import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clampStamps, mergeFields, stampFields, type Stamped } from './fieldMerge.ts'
import { formatStamp, nextStamp, parseStamp } from './stamps.ts'

const fields = ['name', 'tags', 'wanted', 'locationLabel', 'deletedAt']
const stamp = fc
  .record({ timeMs: fc.integer({ min: 1, max: 5 }), counter: fc.integer({ min: 0, max: 2 }), writer: fc.constantFrom('a', 'b') })
  .map(formatStamp)
const version: fc.Arbitrary<Stamped> = fc
  .record({
    values: fc.dictionary(fc.constantFrom(...fields), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 5, noNullPrototype: true }),
    stamps: fc.dictionary(fc.constantFrom(...fields), stamp, { maxKeys: 5, noNullPrototype: true }),
    updatedAt: fc.nat(),
  })
  .map(({ values, stamps, updatedAt }) => ({ ...(values as object), id: 'node-1', stamps, updatedAt }))

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
