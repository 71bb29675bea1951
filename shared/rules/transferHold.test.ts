import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { monthOf, nextMonthAt } from './calendarMonth.ts'
import { transferHold } from './transferHold.ts'

const zones = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Pacific/Apia', 'Asia/Kathmandu', 'Nowhere/Atlantis']
const at = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2030, 0, 1) })

describe('months', () => {
  it('end exactly where the next begins, in every zone and through changes of the clocks', () => {
    fc.assert(
      fc.property(at, fc.constantFrom(...zones), (nowMs, zone) => {
        const end = nextMonthAt(nowMs, zone)
        expect(end).toBeGreaterThan(nowMs)
        expect(end - nowMs).toBeLessThanOrEqual(31 * 86_400_000 + 2 * 3_600_000)
        expect(monthOf(end - 1, zone)).toBe(monthOf(nowMs, zone))
        expect(monthOf(end, zone)).not.toBe(monthOf(nowMs, zone))
      }),
    )
  })
  it('are those of the zone', () => {
    const newYear = Date.parse('2026-12-31T23:30Z')
    expect([monthOf(newYear, 'UTC'), monthOf(newYear, 'Europe/Berlin')]).toEqual(['2026-12', '2027-01'])
    expect(nextMonthAt(Date.parse('2026-11-27T00:00Z'), 'Europe/Berlin')).toBe(Date.parse('2026-11-30T23:00Z'))
  })
})

describe('transferHold', () => {
  const now = Date.parse('2026-11-27T12:00Z')
  const none = { usedBytes: 0, metered: false }
  it('holds nothing that nobody asked for', () => {
    expect(transferHold({}, { usedBytes: 1e15, metered: true }, now, 'UTC')).toBeNull()
  })
  it('opens and closes by the hours', () => {
    const networkHours = [{ days: [4], fromMinute: 13 * 60, toMinute: 14 * 60 }]
    expect(transferHold({ networkHours }, none, now, 'UTC')).toEqual({ code: 'NETWORK_HOURS', untilMs: now + 3_600_000 })
    expect(transferHold({ networkHours }, none, now, 'Europe/Berlin')).toBeNull()
    expect(transferHold({ networkHours: [] }, none, now, 'UTC')).toEqual({ code: 'NETWORK_HOURS', untilMs: null })
  })
  it('closes when the quota of the month is used, until the next month', () => {
    const wanted = { monthlyTransferMiB: 100 }
    expect(transferHold(wanted, { ...none, usedBytes: 100 * 1024 * 1024 - 1 }, now, 'UTC')).toBeNull()
    const hold = transferHold(wanted, { ...none, usedBytes: 100 * 1024 * 1024 }, now, 'UTC')
    expect(hold).toEqual({ code: 'TRANSFER_QUOTA', untilMs: Date.parse('2026-12-01T00:00Z') })
  })
  it('closes on a metered network that is not to be used', () => {
    expect(transferHold({ notOnMetered: true }, { ...none, metered: true }, now, 'UTC')?.code).toBe('METERED')
    expect(transferHold({ notOnMetered: false }, { ...none, metered: true }, now, 'UTC')).toBeNull()
  })
})
