import { describe, expect, it } from 'vitest'
import type { Earning } from '#shared/collections/earning.schema.ts'
import { filterLedger, lateFrame, openFilter, sumLedger } from './ledger.ts'
import { csvCell, csvFile, jsonFile, localTime, type LedgerFile } from './ledgerFiles.ts'
import { groupLedger } from './ledgerGroups.ts'

const entry = (extra: Partial<Earning> = {}): Earning => ({
  id: 'task-1:network',
  ownerId: 'owner-1',
  updatedAt: 0,
  nodeId: 'node-1',
  taskId: 'task-1',
  jobId: 'job-1',
  jobName: 'Kitchen',
  kind: 'network',
  frames: 5,
  grossMicro: 1_000,
  feeMicro: 100,
  netMicro: 900,
  state: 'final',
  createdAt: new Date(2026, 2, 10, 12).getTime(),
  stateChangedAt: new Date(2026, 2, 10, 12).getTime(),
  ...extra,
})

const written = (file: LedgerFile, entries: Earning[]): string =>
  file.head +
  entries.map((one) => file.page([one])).join('') +
  file.tail({ entries: entries.length, complete: true, totals: sumLedger(entries) })

describe('filterLedger', () => {
  it('includes both ends of the days in the user’s zone', () => {
    const late = entry({ createdAt: new Date(2026, 2, 10, 23, 59, 59, 999).getTime() })
    const next = entry({ createdAt: new Date(2026, 2, 11, 0, 0).getTime() })
    expect(filterLedger([late, next], { ...openFilter, from: '2026-03-10', to: '2026-03-10' })).toEqual([late])
    expect(filterLedger([late, next], { ...openFilter, from: '2026-03-11' })).toEqual([next])
  })
  it('filters by worker, job, kind and state', () => {
    const entries = [entry(), entry({ nodeId: 'node-2', jobId: 'job-2', kind: 'selfRender', state: 'pending' })]
    for (const filter of [{ nodeId: 'node-2' }, { jobId: 'job-2' }, { kind: 'selfRender' as const }, { state: 'pending' as const }])
      expect(filterLedger(entries, { ...openFilter, ...filter })).toEqual([entries[1]])
  })
})

describe('sumLedger', () => {
  it('is exact beyond a float, and keeps own jobs and reversed entries out', () => {
    const totals = sumLedger([
      entry({ netMicro: 9_007_199_254_740_991 }),
      entry({ netMicro: 2, state: 'pending' }),
      entry({ kind: 'selfRender', netMicro: 7 }),
      entry({ state: 'reversed', netMicro: 50 }),
      entry({ kind: 'correction', grossMicro: -5, feeMicro: 0, netMicro: -5 }),
    ])
    expect(totals.netMicro).toBe(9_007_199_254_740_988n)
    expect(totals.pendingMicro + totals.finalMicro).toBe(totals.netMicro)
    expect(totals.selfRenderMicro).toBe(7n)
    expect(totals.count).toBe(5)
  })
  it('has gross = fee + net', () => {
    const totals = sumLedger([entry(), entry(), entry({ kind: 'selfRender' })])
    expect(totals.grossMicro).toBe(totals.feeMicro + totals.netMicro)
  })
})

describe('csvFile', () => {
  it('writes exact amounts and keeps hostile names from becoming formulas', () => {
    const [head, line] = written(
      csvFile(() => 'Käthe, Rack'),
      [entry({ jobName: '=HYPERLINK("http://x")', netMicro: -1_234_567 })],
    ).split('\r\n')
    expect(head?.split(',')).toHaveLength(16)
    expect(line).toContain(`"'=HYPERLINK(""http://x"")"`)
    expect(line).toContain('"Käthe, Rack"')
    expect(line).toContain('-1.234567')
  })
  it('leaves negative amounts alone and marks other dashes', () => {
    expect(csvCell('-0.250000')).toBe('-0.250000')
    expect(csvCell('-cmd')).toBe("'-cmd")
    expect(csvCell('@sum')).toBe("'@sum")
    expect(csvCell('  =1+1')).toBe("'  =1+1")
    expect(csvCell('＝1+1')).toBe("'＝1+1")
    expect(csvCell('Kitchen = morning')).toBe('Kitchen = morning')
  })
  it('says the local time with its zone', () => {
    const ms = new Date(2026, 2, 10, 13, 5, 9).getTime()
    expect(localTime(ms)).toMatch(/^2026-03-10T13:05:09[+-]\d\d:\d\d$/)
    expect(new Date(localTime(ms)).getTime()).toBe(ms)
  })
})

describe('jsonFile', () => {
  it('keeps every digit and says its zone', () => {
    const entries = [entry({ netMicro: 9_007_199_254_740_991 }), entry({ netMicro: 2 })]
    const file = JSON.parse(
      written(
        jsonFile(() => 'Rack', { fromMs: 0, state: 'final' }, 0),
        entries,
      ),
    ) as {
      zone: string
      entries: Record<string, unknown>[]
    }
    expect(file.zone).not.toBe('')
    expect(file).toMatchObject({ entryCount: 2, complete: true, filter: { from: '1970-01-01T00:00:00.000Z', state: 'final' } })
    expect(file).toMatchObject({ totals: { net_pictor: '9007199254.740993' } })
    expect(file.entries).toHaveLength(2)
    expect(file.entries[0]).toMatchObject({ net_pictor: '9007199254.740991', frames: 5, entry: 'task-1:network', worker: 'Rack' })
  })
})

describe('corrections', () => {
  it('belong to the world they correct', () => {
    const own = entry({ id: 'task-1:correction-7', kind: 'correction', ledgerKind: 'selfRender', netMicro: 5 })
    const totals = sumLedger([own, entry({ id: 'task-2:correction-8', kind: 'correction', ledgerKind: 'network', netMicro: 3 })])
    expect([totals.selfRenderMicro, totals.netMicro]).toEqual([5n, 3n])
    expect([lateFrame(own), lateFrame(entry())]).toEqual([7, null])
  })
})

describe('groupLedger', () => {
  const entries = [
    entry({ nodeId: 'node-2', netMicro: 2_000, createdAt: new Date(2026, 2, 11, 0, 30).getTime() }),
    entry({ createdAt: new Date(2026, 2, 10, 23, 30).getTime() }),
    entry({ nodeId: 'node-2', jobId: 'job-2', jobName: 'Lander', kind: 'selfRender', netMicro: 7 }),
    entry({ nodeId: 'node-3', state: 'reversed', netMicro: 50 }),
  ]
  it('puts every entry into exactly one group, so that the groups add up to the whole', () => {
    const whole = sumLedger(entries)
    for (const by of ['day', 'worker', 'job'] as const) {
      const groups = groupLedger(entries, by, (id) => id)
      const sum = (pick: (index: number) => bigint): bigint => groups.reduce((total, _, index) => total + pick(index), 0n)
      expect(groups.reduce((total, group) => total + group.totals.count, 0)).toBe(entries.length)
      expect(sum((index) => groups[index]?.totals.netMicro ?? 0n)).toBe(whole.netMicro)
      expect(sum((index) => groups[index]?.totals.selfRenderMicro ?? 0n)).toBe(whole.selfRenderMicro)
    }
  })
  it('counts the days of the user’s zone, newest first, and the rest by what they earned', () => {
    expect(groupLedger(entries.slice(0, 2), 'day', (id) => id).map(({ key }) => key)).toEqual(['2026-03-11', '2026-03-10'])
    expect(groupLedger(entries, 'worker', (id) => id).map(({ key }) => key)).toEqual(['node-2', 'node-1', 'node-3'])
    expect(groupLedger(entries, 'job', (id) => id).map(({ name }) => name)).toEqual(['Kitchen', 'Lander'])
  })
})
