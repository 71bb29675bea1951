import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Preferences } from '#shared/collections/preferences.schema.ts'
import { openLocalDatabase, type LocalDatabase } from '../database/localDatabase.ts'
import { manualClock, type ManualClock } from '../testing/manualClock.ts'
import { quietLog } from '../testing/quietLog.ts'
import { scriptedGateway } from '../testing/scriptedGateway.ts'
import { fileLine } from './fileLine.ts'
import { openMonthlyBytes } from './monthlyBytes.ts'
import { createPacer } from './pacer.ts'
import { transferFacts } from './transferFacts.ts'
import { createTransfers, type Transfers } from './transfers.ts'

const mib = 1024 * 1024
const never = new AbortController().signal
const friday = Date.parse('2026-11-27T12:00Z')
let folder: string
let local: LocalDatabase
let clock: ManualClock
let opened: Transfers[]
const zone = () => 'UTC'
const open = (wanted: Preferences = {}) => {
  const transfers = createTransfers({ bytes: openMonthlyBytes({ local, clock, zone, log: quietLog }), clock, log: quietLog, zone })
  transfers.setWanted(wanted)
  opened.push(transfers)
  return transfers
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pictor-transfers-'))
  local = openLocalDatabase(folder)
  clock = manualClock(friday)
  opened = []
})
afterEach(() => {
  opened.forEach((transfers) => transfers.stop())
  local.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('pacer', () => {
  test('grants no more than the rate and one burst over any stretch of time, in order', async () => {
    const pacer = createPacer(clock)
    pacer.setRate(100_000)
    const granted: Array<{ index: number; atMs: number }> = []
    for (let index = 0; index < 40; index++) void pacer.take(10_000, never).then(() => granted.push({ index, atMs: clock.monotonicMs() }))
    for (let step = 0; step < 500; step++) {
      await Promise.resolve()
      clock.advance(10)
    }
    expect(granted.map(({ index }) => index)).toEqual(Array.from({ length: 40 }, (_, index) => index))
    for (const { index, atMs } of granted) expect((index + 1) * 10_000).toBeLessThanOrEqual(100_000 * ((atMs + 250 + 100) / 1_000))
    // And no slower than it: 400 kB in 4 s.
    expect(granted.at(-1)?.atMs).toBeLessThanOrEqual(4_000)
  })
  test('lets go of who does not want any more', async () => {
    const pacer = createPacer(clock)
    pacer.setRate(10)
    await pacer.take(1_000, never)
    const cancel = new AbortController()
    const waiting = pacer.take(10, cancel.signal)
    cancel.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
  })
})

describe('bytes of a month', () => {
  test('outlive a restart and begin anew with the month', async () => {
    const first = open()
    await first.take('up', 3 * mib, never)
    await first.take('down', 10, never)
    first.stop()
    local.close()
    local = openLocalDatabase(folder)
    const second = open()
    expect(second.used()).toEqual({ month: '2026-11', up: 3 * mib, down: 10 })
    clock.setWall(Date.parse('2026-12-01T00:00Z'))
    expect(second.used()).toEqual({ month: '2026-12', up: 0, down: 0 })
    await second.take('up', 5, never)
    clock.setWall(friday)
    expect(second.used()).toMatchObject({ month: '2026-11', up: 3 * mib })
  })
  test('are on the disk within 5 s or a MiB, without being stopped', async () => {
    const row = () => local.sql.prepare('SELECT up FROM transfer_months').get()?.['up']
    const transfers = open()
    await transfers.take('up', 100, never)
    expect(row()).toBeUndefined()
    clock.advance(5_000)
    expect(row()).toBe(100)
    await transfers.take('up', mib, never)
    expect(row()).toBe(mib + 100)
  })
})

describe('transfers', () => {
  test('close in the middle when the quota is used: what runs is cut, and opens again with the next month', async () => {
    const transfers = open({ monthlyTransferMiB: 100 })
    const changed = vi.fn()
    transfers.onChange(changed)
    const running = transfers.signal()
    await transfers.take('down', 60 * mib, never)
    expect([running.aborted, transfers.hold()]).toEqual([false, null])
    await transfers.take('up', 40 * mib, never)
    expect([running.aborted, changed.mock.calls.length]).toEqual([true, 1])
    expect(transfers.hold()).toMatchObject({ code: 'TRANSFER_QUOTA', untilMs: Date.parse('2026-12-01T00:00Z'), sinceMs: friday })
    await expect(transfers.take('up', 1, never)).rejects.toThrow('TRANSFER_QUOTA')
    expect(transferFacts(transfers, {}, 5)).toEqual({
      hold: { code: 'TRANSFER_QUOTA', since: friday + 5, until: Date.parse('2026-12-01T00:00Z') + 5 },
      ...{ month: '2026-11', upMiB: 40, downMiB: 60 },
    })
    clock.advance(Date.parse('2026-12-01T00:00Z') - friday + 60_000)
    expect([transfers.hold(), transfers.signal().aborted]).toEqual([null, false])
    expect(transfers.used().month).toBe('2026-12')
  })
  test('open and close by the hours, to the minute; a changed wish counts at once', () => {
    const transfers = open({ networkHours: [{ days: [4], fromMinute: 12 * 60 + 1, toMinute: 12 * 60 + 3 }] })
    expect(transfers.hold()).toMatchObject({ code: 'NETWORK_HOURS', untilMs: friday + 60_000 })
    clock.advance(60_001)
    expect(transfers.hold()).toBeNull()
    clock.advance(180_000)
    expect(transfers.hold()?.code).toBe('NETWORK_HOURS')
    transfers.setWanted({})
    expect([transfers.hold(), transferFacts(transfers, {}, 0)]).toEqual([null, undefined])
  })
  test('on a metered network files rest only where that was asked for', () => {
    const transfers = open({ notOnMetered: true })
    transfers.setMetered(true)
    expect(transfers.hold()?.code).toBe('METERED')
    transfers.setMetered(false)
    expect(transfers.hold()).toBeNull()
  })
  test('for the movers of files a closed gate is a line that is cut', () => {
    const gateway = scriptedGateway()
    const transfers = open()
    const line = fileLine(gateway, transfers)
    const heard: boolean[] = []
    const off = line.onLive((live) => heard.push(live))
    transfers.setWanted({ networkHours: [] })
    expect(line.isLive()).toBe(false)
    gateway.setLive(false)
    gateway.setLive(true)
    transfers.setWanted({})
    off()
    transfers.setWanted({ networkHours: [] })
    expect([heard, gateway.isLive()]).toEqual([[false, true], true])
  })
})
