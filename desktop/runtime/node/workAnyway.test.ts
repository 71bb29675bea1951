import { expect, test, vi } from 'vitest'
import { manualClock } from '../testing/manualClock.ts'
import { memoryFacts } from '../testing/memoryFacts.ts'
import { openWorkAnyway } from './workAnyway.ts'

test('working anyway outlives a restart, ends by itself, and the later of two wishes counts', () => {
  const clock = manualClock()
  const local = memoryFacts()
  const open = () => openWorkAnyway({ local, clock, serverNow: () => clock.now() })
  const first = open()
  const changed = vi.fn()
  first.onChange(changed)
  first.setLocal(clock.now() + 1_000)
  const second = open()
  expect(second.untilMs()).toBe(clock.now() + 1_000)
  second.setWanted({ wanted: { generation: 1, pause: 'none', workAnywayUntil: clock.now() + 5_000 } } as never)
  clock.advance(1_002)
  expect([first.untilMs(), changed.mock.calls.length]).toEqual([null, 2])
  expect(second.untilMs()).not.toBeNull()
  clock.advance(5_000)
  expect(second.untilMs()).toBeNull()
})
