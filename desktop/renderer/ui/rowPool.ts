/** A line of a list that has to be drawn, by its place in the list and on the page. */
export interface Wanted<Line> {
  index: number
  startPx: number
  line: Line
}

/** What an element shows now; `slot` names the element. */
export interface Drawn<Line> extends Wanted<Line> {
  slot: number
}

/** Lines of the list, both ends included. */
export interface Sight {
  first: number
  last: number
}

export interface RowPool<Line> {
  /**
   * Brings what is drawn nearer to what is wanted: the lines in sight at once, and at most `most` of those beyond it.
   * @param count how many lines the list has
   * @returns what is drawn now, and whether that is all that is wanted
   */
  draw(wanted: readonly Wanted<Line>[], sight: Sight, count: number, most: number): { drawn: Drawn<Line>[]; isWhole: boolean }
  /** Gives the elements the order of the list, for whoever goes through them by Tab or by ear. */
  order(): Drawn<Line>[]
}

/**
 * Elements for the lines of a list that scrolls. An element whose line has left shows one that comes, which costs far less than a new
 * element; and lines that nobody sees yet are spread over several frames, so that a turn of the wheel, which brings seven of them, does not
 * hold up the one frame in which it is felt. While the list moves, elements keep their order: moving them costs as much as drawing them.
 */
export function createRowPool<Line>(isSame: (a: Line, b: Line) => boolean): RowPool<Line> {
  let held = new Map<number, Drawn<Line>>()
  let slots = 0
  return {
    draw(wanted, sight, count, most) {
      const drawnAt = new Map([...held.values()].map((one) => [one.index, one]))
      const asked = new Set(wanted.map(({ index }) => index))
      const free = [...held.values()].filter(({ index }) => !asked.has(index))
      let beyond = 0
      for (const one of byNeed(wanted, sight)) {
        const known = drawnAt.get(one.index)
        if (known?.startPx === one.startPx && isSame(known.line, one.line)) continue
        if (awayFrom(sight, one.index) > 0 && ++beyond > most) continue
        const slot = known?.slot ?? free.pop()?.slot ?? slots++
        held.set(slot, { ...one, slot })
      }
      // An element that is not needed waits for the lines that are still to be drawn, unless its own is none of the list any more.
      const isWhole = beyond <= most
      for (const { slot, index } of free) if (isWhole || index >= count) held.delete(slot)
      return { drawn: [...held.values()], isWhole }
    },
    order() {
      held = new Map([...held].sort(([, a], [, b]) => a.index - b.index))
      return [...held.values()]
    },
  }
}

const awayFrom = ({ first, last }: Sight, index: number): number => Math.max(0, first - index, index - last)

/** What is in sight comes first, then what is nearest to it. */
const byNeed = <Line>(wanted: readonly Wanted<Line>[], sight: Sight): Wanted<Line>[] =>
  wanted.toSorted((a, b) => awayFrom(sight, a.index) - awayFrom(sight, b.index))

/** The lines to draw for those in sight: always as many, so that no element is made or dropped where a list begins or ends. */
export function linesAround({ first, last }: Sight, overscan: number, count: number): number[] {
  const size = Math.min(count, last - first + 1 + 2 * overscan)
  const begin = Math.max(0, Math.min(first - overscan, count - size))
  return Array.from({ length: size }, (_, place) => begin + place)
}
