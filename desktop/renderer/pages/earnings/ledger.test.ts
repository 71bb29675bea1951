import { describe, expect, it } from 'vitest'
import type { Earning } from '#shared/collections/earning.schema.ts'
import { csvCell, filterLedger, ledgerCsv, openFilter, sumLedger } from './ledger.ts'

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

describe('ledgerCsv', () => {
  it('writes exact amounts and keeps hostile names from becoming formulas', () => {
    const [head, line] = ledgerCsv([entry({ jobName: '=HYPERLINK("http://x")', netMicro: -1_234_567 })], () => 'Käthe, Rack').split('\r\n')
    expect(head?.split(',')).toHaveLength(15)
    expect(line).toContain(`"'=HYPERLINK(""http://x"")"`)
    expect(line).toContain('"Käthe, Rack"')
    expect(line).toContain('-1.234567')
  })
  it('leaves negative amounts alone and marks other dashes', () => {
    expect(csvCell('-0.250000')).toBe('-0.250000')
    expect(csvCell('-cmd')).toBe("'-cmd")
    expect(csvCell('@sum')).toBe("'@sum")
  })
})
