import { expect, test, vi } from 'vitest'
import { manualClock } from '../testing/manualClock.ts'
import { memoryFacts } from '../testing/memoryFacts.ts'
import { openPauses } from './pauses.ts'

test('the stricter pause wins, a local one outlives a restart, both end at their time', () => {
  const clock = manualClock()
  const local = memoryFacts()
  const open = () => openPauses({ local, clock, serverNow: () => clock.now() })
  const first = open()
  const changed = vi.fn()
  first.onChange(changed)
  first.setLocal({ kind: 'afterTask', untilMs: clock.now() + 1_000 })
  const second = open()
  expect(second.current()).toMatchObject({ kind: 'afterTask', holds: [{ code: 'PAUSED_HERE' }] })
  const worker = { wanted: { generation: 4, pause: 'now' as const } }
  second.setWanted(worker as never)
  expect([second.current().kind, second.generation()]).toEqual(['now', 4])
  second.setWanted(null)
  clock.advance(1_002)
  expect([first.current().kind, second.current().kind, changed.mock.calls.length]).toEqual(['none', 'none', 2])
})
