import { expect, test, vi } from 'vitest'
import { manualClock } from '../testing/manualClock.ts'
import { createHolds } from './holds.ts'

test('holds end by themselves and keep when they began', () => {
  const clock = manualClock()
  const holds = createHolds({ clock, serverNow: () => clock.now() })
  const changed = vi.fn()
  holds.onChange(changed)
  holds.set('REPEATED_FAILURES', { blocks: true, untilMs: 1_000_600 })
  clock.advance(100)
  holds.set('REPEATED_FAILURES', { blocks: true, untilMs: 1_001_000 })
  expect(holds.list()).toEqual([{ code: 'REPEATED_FAILURES', since: 1_000_000, until: 1_001_000 }])
  clock.advance(850)
  expect(holds.blocking()).toBe(true)
  clock.advance(100)
  expect([holds.blocking(), changed.mock.calls.length]).toEqual([false, 3])
})

test('a hold that lets the frame finish shows when it has, and tells what it is about', () => {
  const clock = manualClock()
  const holds = createHolds({ clock, serverNow: () => clock.now() })
  const changed = vi.fn()
  holds.onChange(changed)
  const hold = () => holds.set('EXCLUDED_APP', { blocks: false, afterFrame: true, details: { program: 'game' }, expectedMs: 2_000_000 })
  hold()
  hold()
  expect(changed).toHaveBeenCalledTimes(1)
  expect([holds.blocking(), holds.afterFrame(), holds.list(true)]).toEqual([false, true, []])
  expect(holds.list()).toEqual([{ code: 'EXCLUDED_APP', since: 1_000_000, until: 2_000_000, details: { program: 'game' } }])
  // What is only expected does not clear by itself.
  clock.advance(5_000_000)
  expect(holds.has('EXCLUDED_APP')).toBe(true)
})
