import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { effectScope, nextTick, shallowRef, type EffectScope } from 'vue'
import type { WantedRows } from './rowPool.ts'
import { useDrawnRows } from './useDrawnRows.ts'

let scope: EffectScope
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'requestAnimationFrame', 'cancelAnimationFrame'] })
  scope = effectScope()
})
afterEach(() => {
  scope.stop()
  vi.useRealTimers()
})

/** The lines from `first` to `last` are in sight of a list of a hundred, and three before and behind them are wanted too. */
function looking(first: number, last: number, text = 'row', count = 100): WantedRows<string> {
  const [from, to] = [Math.max(0, first - 3), Math.min(count - 1, last + 3)]
  const at = (index: number) => ({ index, startPx: index * 10, line: `${text} ${index}` })
  return { wanted: Array.from({ length: Math.max(0, to - from + 1) }, (_, place) => at(from + place)), sight: { first, last }, count, at }
}

function open(first: WantedRows<string>) {
  const rows = shallowRef(first)
  const drawn = scope.run(() =>
    useDrawnRows(
      () => rows.value,
      (a, b) => a === b,
    ),
  )
  if (drawn === undefined) throw new Error('the scope has ended')
  const look = async (next: WantedRows<string>): Promise<void> => {
    rows.value = next
    await nextTick()
  }
  const places = (): number[] => drawn.value.map(({ index }) => index)
  return { drawn, look, places, inOrder: () => places().toSorted((a, b) => a - b) }
}

it('draws what is in sight at once, and the rest frame by frame', () => {
  const { inOrder } = open(looking(10, 13))
  expect(inOrder()).toEqual([10, 11, 12, 13])
  // The callbacks of the frame in which the list moved.
  vi.advanceTimersToNextFrame()
  expect(inOrder()).toEqual([10, 11, 12, 13])
  vi.advanceTimersToNextFrame()
  expect(inOrder()).toEqual([9, 10, 11, 12, 13, 14])
  vi.advanceTimersToNextFrame()
  expect(inOrder()).toEqual([8, 9, 10, 11, 12, 13, 14, 15])
  vi.advanceTimersToNextFrame()
  expect(inOrder()).toEqual([7, 8, 9, 10, 11, 12, 13, 14, 15, 16])
})

it('shows where the list is now, not where it was when the frame was asked for, and keeps what it has left', async () => {
  const { look, inOrder } = open(looking(10, 13))
  await look(looking(40, 43))
  expect(inOrder()).toEqual(expect.arrayContaining([40, 41, 42, 43]))
  for (let frame = 0; frame < 6; frame += 1) vi.advanceTimersToNextFrame()
  expect(inOrder()).toEqual([10, 11, 12, 13, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46])
  await look(looking(70, 73))
  vi.advanceTimersByTime(1_000)
  await look(looking(90, 93))
  vi.advanceTimersByTime(1_000)
  // Sixteen at most.
  expect(inOrder()).toHaveLength(26)
})

it('draws beyond the sight of a list that moves in every frame, too', async () => {
  const { look, inOrder } = open(looking(10, 13))
  for (let first = 11; first < 15; first += 1) {
    await look(looking(first, first + 3))
    vi.advanceTimersToNextFrame()
  }
  expect(inOrder().length).toBeGreaterThan(8)
  expect(inOrder()).toContain(18)
})

it('puts the elements in the order of the list only when it stands still', async () => {
  const { look, places, inOrder } = open(looking(50, 53))
  vi.advanceTimersByTime(1_000)
  expect(places()).toEqual(inOrder())
  await look(looking(40, 43))
  vi.advanceTimersByTime(400)
  await look(looking(38, 41))
  vi.advanceTimersByTime(400)
  expect(places()).not.toEqual(inOrder())
  vi.advanceTimersByTime(1_000)
  expect(places()).toEqual(inOrder())
})

it('tells nobody of a list that is the same, and of one changed line only that', async () => {
  const { drawn, look } = open(looking(0, 3))
  vi.advanceTimersByTime(1_000)
  const before = drawn.value
  await look(looking(0, 3))
  expect(drawn.value).toBe(before)
  const changed = looking(0, 3)
  await look({ ...changed, wanted: changed.wanted.map((one) => (one.index === 2 ? { ...one, line: 'renamed' } : one)) })
  expect(drawn.value.filter((one, place) => one !== before[place])).toMatchObject([{ index: 2, line: 'renamed' }])
})

it('draws nothing after its end', async () => {
  const { look, inOrder } = open(looking(10, 13))
  scope.stop()
  await look(looking(40, 43))
  vi.advanceTimersByTime(1_000)
  expect(inOrder()).toEqual([10, 11, 12, 13])
  expect(vi.getTimerCount()).toBe(0)
})
