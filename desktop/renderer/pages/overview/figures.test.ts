import { describe, expect, it } from 'vitest'
import type { Earning } from '#shared/collections/earning.schema.ts'
import type { Run } from '#shared/collections/run.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import { rollupOfDay as day } from '../../testing/rollupOfDay.ts'
import { countTasks, sumFigures } from './figures.ts'

const now = Date.parse('2026-03-10T05:30:00Z')
const entry = (extra: Partial<Earning>): Earning =>
  ({ kind: 'network', state: 'pending', netMicro: 10, createdAt: Date.parse('2026-03-10T01:00:00Z'), ...extra }) as Earning

describe('sumFigures', () => {
  it('keeps money beyond a float exact, and network and own jobs apart', () => {
    const sums = sumFigures(
      [
        day('2026-02-20', { networkNetMicro: 7 }),
        day('2026-03-09', { networkNetMicro: 9_007_199_254_740_991, selfRenderNetMicro: 5 }),
        day('2026-03-10', { networkNetMicro: 2, framesAccepted: 7, tasksCompleted: 3, tasksFailed: 1 }),
        day('2026-03-10', { nodeId: 'node-1', networkNetMicro: 2 }),
      ],
      [],
      now,
    )
    expect(sums).toEqual({
      finalMicro: 9_007_199_254_741_000n,
      weekMicro: 9_007_199_254_740_993n,
      todayMicro: 2n,
      pendingMicro: 0n,
      pendingTodayMicro: 0n,
      selfMicro: 5n,
      framesToday: 7,
      tasksToday: 3,
      failedToday: 1,
    })
  })
  it('takes what is pending out of the day it was booked on, and only what the network pays', () => {
    const sums = sumFigures(
      [day('2026-03-01', { networkNetMicro: 100 }), day('2026-03-10', { networkNetMicro: 50 })],
      [
        entry({}),
        entry({ netMicro: 30, createdAt: Date.parse('2026-03-01T10:00:00Z') }),
        // Booked before the first day that is shown: pending, but of no day here.
        entry({ netMicro: 5, createdAt: Date.parse('2026-01-01T10:00:00Z') }),
        entry({ state: 'final' }),
        entry({ kind: 'selfRender' }),
        entry({ kind: 'correction', netMicro: -3 }),
      ],
      now,
    )
    expect(sums).toMatchObject({ finalMicro: 113n, weekMicro: 43n, todayMicro: 43n, pendingMicro: 42n, pendingTodayMicro: 7n })
  })
})

it('counts as paused only what is still open', () => {
  const tasks = [{ id: 'a' }, { id: 'b' }] as Task[]
  expect(countTasks(tasks, [{ id: 'b' }, { id: 'gone' }] as Run[])).toEqual({ open: 2, paused: 1 })
})
