import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isJobSettled, jobStateOf } from './jobProgress.ts'

it('follows the counts', () => {
  const state = (accepted: number, failed: number, assigned: number, wanted: 'run' | 'paused' | 'cancelled' = 'run') =>
    jobStateOf(wanted, { total: 4, accepted, failed, assigned })
  expect(state(0, 0, 0)).toBe('queued')
  expect(state(0, 0, 2)).toBe('rendering')
  expect(state(1, 0, 0)).toBe('rendering')
  expect(state(4, 0, 0)).toBe('done')
  expect(state(3, 1, 0)).toBe('failed')
  expect(state(1, 0, 1, 'paused')).toBe('rendering')
  expect(state(1, 0, 0, 'paused')).toBe('paused')
  expect(state(1, 0, 0, 'cancelled')).toBe('cancelled')
  expect(state(4, 0, 0, 'cancelled')).toBe('done')
})

it('is settled only when nothing is open, or cancelled', () => {
  fc.assert(
    fc.property(
      fc.nat(10),
      fc.nat(10),
      fc.nat(10),
      fc.constantFrom('run' as const, 'paused' as const),
      (accepted, failed, open, wanted) => {
        const total = accepted + failed + open
        expect(isJobSettled(jobStateOf(wanted, { total, accepted, failed, assigned: 0 }))).toBe(open === 0)
      },
    ),
  )
})
