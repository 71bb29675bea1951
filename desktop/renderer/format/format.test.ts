import { describe, expect, it } from 'vitest'
import { makeFormatter } from './format.ts'
import { shortId } from './shortId.ts'

const english = makeFormatter('en')
const german = makeFormatter('de')

describe('makeFormatter', () => {
  it('shows money with at most four decimals and the exact value beside it', () => {
    expect(english.money(12_345_678n)).toBe('12.3456')
    expect(english.moneyExact(12_345_678n)).toBe('12.345678')
    expect(german.money(1_234_567_000_000n)).toBe('1.234.567,00')
  })
  it('never shows a small amount as nothing', () => {
    expect(english.money(42n)).toBe('0.000042')
    expect(english.money(0n)).toBe('0')
  })
  it('keeps the sign of a correction below one', () => {
    expect(english.money(-250_000n)).toBe('-0.2500')
    expect(english.money(-1_250_000n)).toBe('-1.2500')
  })
  it('keeps every digit of an amount beyond what a float can hold', () => {
    expect(english.moneyExact(9_007_199_254_740_993n)).toBe('9,007,199,254.740993')
  })
  it('says durations in the two units that matter', () => {
    expect(english.duration(4_200)).toBe('4.2 sec')
    expect(english.duration(61_000)).toBe('61 sec')
    expect(english.duration(6 * 60_000)).toBe('6 min')
    expect(english.duration(72 * 60_000)).toBe('1 hr 12 min')
    expect(english.duration(3_600_000 * 76)).toBe('3 days 4 hr')
  })
  it('says ages', () => {
    expect(english.age(0, 2_000)).toBe('now')
    expect(english.age(0, 12_000)).toBe('12 sec ago')
    expect(english.age(0, 3 * 86_400_000)).toBe('3 days ago')
    expect(english.age(180_000, 0)).toBe('in 3 min')
  })
  it('shows sizes', () => {
    expect(english.bytes(532)).toBe('532 byte')
    expect(english.bytes(1_250_000)).toBe('1.3 MB')
    expect(english.memory(24_576)).toBe('24 GiB')
  })
})

describe('shortId', () => {
  it('cuts long ids in the middle only', () => {
    expect(shortId('job-3k9q')).toBe('job-3k9q')
    expect(shortId('job-3k9qabcdefghijklm7z2v')).toBe('job-3k9q…7z2v')
  })
})
