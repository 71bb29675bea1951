import { describe, expect, it } from 'vitest'
import type { Run } from '#shared/collections/run.schema.ts'
import { remainingMs } from './remaining.ts'

const counts = { queued: 8, rendering: 2, waiting: 0, accepted: 3, rejected: 0, superseded: 0, cancelled: 0 }
const run = (nodeId: string, times: number[]): Run =>
  ({
    nodeId,
    state: 'rendering',
    frames: Object.fromEntries(times.map((renderMs, index) => [String(index), { state: 'finished', renderMs, finishedAt: index + 1 }])),
  }) as unknown as Run

describe('remainingMs', () => {
  it('takes the median, so that one slow frame does not frighten', () => {
    expect(remainingMs([run('a', [1_000, 1_100, 60_000])], counts, 100)).toBe(11_000)
  })
  it('divides by the nodes at work', () => {
    expect(remainingMs([run('a', [1_000]), run('b', [1_000])], counts, 100)).toBe(5_000)
  })
  it('says nothing before the first frame is done', () => {
    expect(remainingMs([run('a', [])], counts, 100)).toBeNull()
  })
})
