import { describe, expect, it } from 'vitest'
import { advance, timecode } from './playback.ts'

describe('advance', () => {
  it('moves a picture on when its time is over, and keeps the rest', () => {
    expect(advance({ index: 0, withinMs: 0 }, 20, 10, 25, false)).toEqual({ index: 0, withinMs: 20, ended: false })
    const next = advance({ index: 0, withinMs: 20 }, 25, 10, 25, false)
    expect(next.index).toBe(1)
    expect(next.withinMs).toBeCloseTo(5)
  })
  it('loses no time over a second in odd steps', () => {
    let head = { index: 0, withinMs: 0 }
    for (let step = 0; step < 60; step += 1) head = advance(head, 1_000 / 60, 1_000, 24, false)
    expect(head.index).toBe(24)
  })
  it('begins anew, or stays on the last picture', () => {
    expect(advance({ index: 9, withinMs: 0 }, 40, 10, 25, true)).toMatchObject({ index: 0, ended: false })
    expect(advance({ index: 8, withinMs: 0 }, 400, 10, 25, false)).toEqual({ index: 9, withinMs: 0, ended: true })
    expect(advance({ index: 0, withinMs: 0 }, 40, 0, 25, true)).toMatchObject({ index: 0, ended: true })
  })
})
it('counts as film editors do', () => {
  expect([timecode(0, 24), timecode(23, 24), timecode(24, 24), timecode(24 * 61 + 5, 24)]).toEqual([
    '0:00.00',
    '0:00.23',
    '0:01.00',
    '1:01.05',
  ])
})
