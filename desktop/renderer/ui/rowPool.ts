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

/** What a list has to draw. */
export interface WantedRows<Line> {
  /** The lines in sight and around it. */
  wanted: readonly Wanted<Line>[]
  sight: Sight
  /** How many lines the list has. */
  count: number
  /** Any line of the list. */
  at: (index: number) => Wanted<Line> | undefined
}

export interface RowPool<Line> {
  /**
   * Brings what is drawn nearer to what is wanted: the lines in sight at once, and at most `most` of those beyond it, `2 * most` while they
   * are about to come into it.
   * @returns what is drawn now, and whether that is all that is wanted
   */
  draw(rows: WantedRows<Line>, most: number): { drawn: Drawn<Line>[]; isWhole: boolean }
  /** Gives the elements the order of the list, for whoever goes through them by Tab or by ear. */
  order(): Drawn<Line>[]
}

/**
 * Elements for the lines of a list that scrolls. An element whose line has left shows one that comes, which costs far less than a new
 * element; and lines that nobody sees yet are spread over several frames, so that a turn of the wheel, which brings seven of them, does not
 * hold up the one frame in which it is felt. While the list moves, elements keep their order: moving them costs as much as drawing them.
 * @param spare so many lines that have left keep their elements, and are there at once when the list moves back
 */
export function createRowPool<Line>(isSame: (a: Line, b: Line) => boolean, spare = 0): RowPool<Line> {
  let held = new Map<number, Drawn<Line>>()
  let slots = 0
  return {
    draw({ wanted, sight, count, at }, most) {
      const asked = new Set(wanted.map(({ index }) => index))
      const drawnAt = new Map([...held.values()].map((one) => [one.index, one]))
      const left = [...held.values()].filter(({ index }) => !asked.has(index))
      // The farthest is taken first, and before all others one whose line is none of the list any more.
      left.sort((a, b) => Number(a.index >= count) - Number(b.index >= count) || awayFrom(sight, a.index) - awayFrom(sight, b.index))
      const kept = left.flatMap(({ index }) => (index < count ? (at(index) ?? []) : []))
      const mostHeld = wanted.length + spare
      let beyond = 0
      let isWhole = true
      for (const one of byNeed([...wanted, ...kept], sight)) {
        const known = drawnAt.get(one.index)
        if (known?.startPx === one.startPx && isSame(known.line, one.line)) continue
        // What was kept may have been taken for a line before it.
        if (known !== undefined && held.get(known.slot) !== known) continue
        const away = awayFrom(sight, one.index)
        if (away > 0 && ++beyond > (away <= soon ? 2 * most : most)) {
          isWhole = false
          continue
        }
        const isFull = held.size >= mostHeld || (left.at(-1)?.index ?? 0) >= count
        const slot = known?.slot ?? (isFull ? left.pop()?.slot : undefined) ?? slots++
        held.set(slot, { ...one, slot })
      }
      // An element that is not needed waits for the lines that are still to be drawn, unless its own is none of the list any more.
      for (const { slot, index } of left.toReversed()) if (index >= count || (isWhole && held.size > mostHeld)) held.delete(slot)
      return { drawn: [...held.values()], isWhole }
    },
    order() {
      held = new Map([...held].sort(([, a], [, b]) => a.index - b.index))
      return [...held.values()]
    },
  }
}

/** Lines so near to the sight may be in it after the next turn of the wheel: twice as many of them are drawn. */
const soon = 3

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
