import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import { createRowPool, type Drawn, type Sight, type Wanted } from './rowPool.ts'

/** Beyond the sight, a frame draws at most so many lines. */
const aFrame = 2
/** The list stands still: now its elements are put in order. */
const settledMs = 200

export interface WantedRows<Line> {
  wanted: readonly Wanted<Line>[]
  sight: Sight
  count: number
}

/** What the elements of a scrolling list show: what is in sight at once, the rest frame by frame. */
export function useDrawnRows<Line>(
  rows: () => WantedRows<Line>,
  isSame: (a: Line, b: Line) => boolean,
): Readonly<ShallowRef<readonly Drawn<Line>[]>> {
  const pool = createRowPool(isSame)
  const drawn: ShallowRef<readonly Drawn<Line>[]> = shallowRef([])
  let frame = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let latest = rows()

  function draw(): void {
    cancelAnimationFrame(frame)
    const { wanted, sight, count } = latest
    const next = pool.draw(wanted, sight, count, aFrame)
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
