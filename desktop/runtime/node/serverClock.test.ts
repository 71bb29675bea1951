import { describe, expect, test } from 'vitest'
import { manualClock } from '../testing/manualClock.ts'
import { memoryFacts } from '../testing/memoryFacts.ts'
import { createHolds } from './holds.ts'
import { openPauses } from './pauses.ts'
import { createServerClock } from './serverClock.ts'

describe('the server’s clock', () => {
  test('runs by monotonic time, whatever happens to the wall clock', () => {
    const clock = manualClock(7_200_000)
    const serverClock = createServerClock(clock)
    serverClock.sample({ serverTimeMs: 50_000, sentAtMs: 0, receivedAtMs: 40 })
    clock.advance(1_000)
    clock.setWall(0)
    expect(serverClock.now()).toBe(50_980)
    // Not later than this: as if the server had read its clock when we asked.
    expect(serverClock.latest()).toBe(51_000)
  })
  test('notices a wall clock that is more than two minutes off', () => {
    const clock = manualClock(1_000_000)
    const serverClock = createServerClock(clock)
    expect(serverClock.isWallWrong()).toBe(false)
    serverClock.sample({ serverTimeMs: 1_000_000 - 7_200_000, sentAtMs: 0, receivedAtMs: 0 })
    expect([serverClock.wallOffsetMs(), serverClock.isWallWrong()]).toEqual([7_200_000, true])
    // A start without a line goes on by what was known.
    expect(createServerClock(clock, 7_200_000).now()).toBe(serverClock.now())
  })
  test('tells of a step, not of the delay of the line, and whether the server has said its time', () => {
    const clock = manualClock(1_000_000)
    const serverClock = createServerClock(clock)
    const steps: number[] = []
    serverClock.onStep((step) => steps.push(step))
    expect(serverClock.isKnown()).toBe(false)
    serverClock.sample({ serverTimeMs: 1_000_400, sentAtMs: 0, receivedAtMs: 40 })
    expect([serverClock.isKnown(), steps]).toEqual([true, []])
    clock.advance(1_000)
    // This computer's clock is set: nothing moves. The server's is: everything does.
    clock.setWall(99_000_000)
    serverClock.sample({ serverTimeMs: 1_001_400, sentAtMs: 1_000, receivedAtMs: 1_040 })
    expect(steps).toEqual([])
    serverClock.sample({ serverTimeMs: 1_001_400 + 86_400_000, sentAtMs: 1_000, receivedAtMs: 1_040 })
    serverClock.sample({ serverTimeMs: 1_001_400, sentAtMs: 1_000, receivedAtMs: 1_040 })
    expect(steps).toEqual([86_400_000, -86_400_000])
  })
})

describe('what ends at a time, when the server’s time turns out to be another', () => {
  const hour = 3_600_000
  const setUp = () => {
    const clock = manualClock(100 * hour)
    const serverClock = createServerClock(clock)
    const serverNow = () => serverClock.now()
    const holds = createHolds({ clock, serverNow })
    const pauses = openPauses({ local: memoryFacts(), clock, serverNow })
    serverClock.onStep(() => [holds, pauses].forEach((each) => each.timeMoved()))
    const told: string[] = []
    holds.onChange(() => told.push('holds'))
    pauses.onChange(() => told.push('pauses'))
    const serverIs = (ms: number) =>
      serverClock.sample({ serverTimeMs: ms, sentAtMs: clock.monotonicMs(), receivedAtMs: clock.monotonicMs() })
    return { clock, holds, pauses, serverIs, told }
  }
  test('ends at once where it is over by now', () => {
    const { clock, holds, pauses, serverIs } = setUp()
    holds.set('REPEATED_FAILURES', { blocks: true, untilMs: 101 * hour })
    pauses.setLocal({ kind: 'now', untilMs: 101 * hour })
    serverIs(102 * hour)
    clock.advance(1)
    expect([holds.list(), pauses.current().kind]).toEqual([[], 'none'])
  })
  test('goes on where it is not over yet, and ends when it is', () => {
    const { clock, holds, pauses, serverIs } = setUp()
    holds.set('REPEATED_FAILURES', { blocks: true, untilMs: 101 * hour })
    pauses.setLocal({ kind: 'now', untilMs: 101 * hour })
    serverIs(99 * hour)
    clock.advance(1.5 * hour)
    expect([holds.list().length, pauses.current().kind]).toEqual([1, 'now'])
    clock.advance(0.5 * hour + 1)
    expect([holds.list().length, pauses.current().kind]).toEqual([0, 'none'])
  })
})
