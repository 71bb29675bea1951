import { expect, it } from 'vitest'
import { formatTable } from './table.ts'

it('lines the columns up and keeps notes below', () => {
  const table = formatTable([
    { what: 'insert', goal: '≥ 0.5 ×', ours: 50_000, unit: '/s', peer: 'bare', peerValue: 90_000, ratio: 0.5556, reached: true },
    {
      what: 'a longer name',
      goal: '≤ 1',
      ours: null,
      unit: '%',
      peer: 'none',
      peerValue: null,
      ratio: null,
      reached: null,
      note: 'no card',
    },
  ])
  expect(table.split('\n')).toEqual([
    'what           goal     ours       peer              ratio  reached',
    '─────────────  ───────  ─────────  ────────────────  ─────  ───────',
    'insert         ≥ 0.5 ×  50,000 /s  90,000 /s (bare)  0.56   yes',
    'a longer name  ≤ 1      — %        none',
    '',
    'a longer name: no card',
  ])
})
