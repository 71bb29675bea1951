import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { effectScope, nextTick, shallowRef, type EffectScope } from 'vue'
import { useDrawnRows, type WantedRows } from './useDrawnRows.ts'

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
  const wanted = Array.from({ length: Math.max(0, to - from + 1) }, (_, place) => ({
    ...{ index: from + place, startPx: (from + place) * 10, line: `${text} ${from + place}` },
  }))
  return { wanted, sight: { first, last }, count }
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

it('draws what is in sight at once, and the rest two lines a frame', () => {
  const { inOrder } = open(looking(10, 13))
  expect(inOrder()).toEqual([9, 10, 11, 12, 13, 14])
  vi.advanceTimersToNextFrame()
  expect(inOrder()).toEqual([8, 9, 10, 11, 12, 13, 14, 15])
  vi.advanceTimersToNextFrame()
  expect(inOrder()).toEqual([7, 8, 9, 10, 11, 12, 13, 14, 15, 16])
})

it('shows where the list is now, not where it was when the frame was asked for', async () => {
  const { look, inOrder } = open(looking(10, 13))
  await look(looking(40, 43))
  expect(inOrder()).toEqual(expect.arrayContaining([40, 41, 42, 43]))
  for (let frame = 0; frame < 5; frame += 1) vi.advanceTimersToNextFrame()
  expect(inOrder()).toEqual([37, 38, 39, 40, 41, 42, 43, 44, 45, 46])
})

it('puts the elements in the order of the list only when it stands still', async () => {
  const { look, places, inOrder } = open(looking(10, 13))
  vi.advanceTimersByTime(1_000)
  expect(places()).toEqual(inOrder())
  await look(looking(12, 15))
  vi.advanceTimersByTime(100)
  await look(looking(14, 17))
  vi.advanceTimersByTime(150)
  expect(places()).not.toEqual(inOrder())
  vi.advanceTimersByTime(1_000)
  expect(places()).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20])
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
  expect(inOrder()).toEqual([9, 10, 11, 12, 13, 14])
  expect(vi.getTimerCount()).toBe(0)
})
