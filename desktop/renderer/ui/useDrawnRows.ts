import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import { createRowPool, type Drawn, type WantedRows } from './rowPool.ts'

/** Beyond the sight, a frame draws at most so many lines, twice as many that are about to be in sight. */
const aFrame = 1
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
  let timer: ReturnType<typeof setTimeout> | undefined
  let latest = rows()

  function draw(): void {
    cancelAnimationFrame(frame)
    const next = pool.draw(latest, aFrame)
    if (!next.isWhole) frame = requestAnimationFrame(draw)
    if (next.drawn.length === drawn.value.length && next.drawn.every((one, place) => one === drawn.value[place])) return
    drawn.value = next.drawn
    clearTimeout(timer)
    timer = setTimeout(() => (drawn.value = pool.order()), settledMs)
  }
  watch(
    rows,
    (next) => {
      latest = next
      draw()
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    cancelAnimationFrame(frame)
    clearTimeout(timer)
  })
  return drawn
}
