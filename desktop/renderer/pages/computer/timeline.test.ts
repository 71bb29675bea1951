import { expect, test } from 'vitest'
import { timelineRows } from './timeline.ts'

const line = (at: number, status: string, code: string) => JSON.stringify({ at, status, code, details: {} })

test('shows the newest first, each with how long it lasted; what cannot be read is left out', () => {
  const lines = [
    line(1, 'online', 'READY'),
    'rubbish',
    line(5, 'processing', 'RENDERING'),
    line(9, 'lunch', 'X'),
    line(12, 'offline', 'QUIT'),
    '{"at":',
  ]
  expect(timelineRows(lines, 2).map(({ code, lastedMs }) => [code, lastedMs])).toEqual([
    ['QUIT', null],
    ['RENDERING', 7],
  ])
  expect(timelineRows([], 5)).toEqual([])
})
