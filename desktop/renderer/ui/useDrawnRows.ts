import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import { createRowPool, type Drawn, type WantedRows } from './rowPool.ts'

/** Beyond the sight, a frame draws at most so many lines, twice as many that are about to be in sight. */
const aFrame = 1
/** The frame in which the list moved has enough to do: it draws only what is missing in sight. */
const inMovedFrame = 0
/** So many lines that were left are there at once when the list moves back. */
const spare = 16
/** The list stands still: now its elements are put in order. That costs as much as drawing them, and a hand at a wheel pauses between two turns. */
const settledMs = 600

/** What the elements of a scrolling list show: what is in sight at once, the rest frame by frame. */
export function useDrawnRows<Line>(
  rows: () => WantedRows<Line>,
  isSame: (a: Line, b: Line) => boolean,
): Readonly<ShallowRef<readonly Drawn<Line>[]>> {
  const pool = createRowPool(isSame, spare)
  const drawn: ShallowRef<readonly Drawn<Line>[]> = shallowRef([])
  let frame = 0
  /** What is beyond the sight was left for the next frame. */
  let isWaiting = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let latest = rows()

  function draw(most: number): void {
    cancelAnimationFrame(frame)
    const next = pool.draw(latest, most)
    isWaiting = !next.isWhole && most === inMovedFrame
    if (!next.isWhole) frame = requestAnimationFrame(most === inMovedFrame ? afterMoved : afterFrame)
    if (next.drawn.length === drawn.value.length && next.drawn.every((one, place) => one === drawn.value[place])) return
    drawn.value = next.drawn
    clearTimeout(timer)
    timer = setTimeout(() => (drawn.value = pool.order()), settledMs)
  }
  const afterFrame = (): void => draw(aFrame)
  /** A list moves before the frames' own callbacks are called: the first one is still of the frame in which it moved. */
  const afterMoved = (): void => void (frame = requestAnimationFrame(afterFrame))
  watch(
    rows,
    (next) => {
      latest = next
      // A list that moves in every frame has no other one.
      draw(isWaiting ? aFrame : inMovedFrame)
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    cancelAnimationFrame(frame)
    clearTimeout(timer)
  })
  return drawn
}
