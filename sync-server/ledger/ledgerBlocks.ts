/** What sums of the ledger are kept of, beside those of all: the worker and the job. */
export const blockGroupings = ['all', 'worker', 'job'] as const
export type BlockGrouping = (typeof blockGroupings)[number]

export const dayMs = 86_400_000
/**
 * Sums are kept over 1, 8, 64 and 512 days (UTC, counted from 1970): any stretch of whole days is made of few of them, and a ledger of years of two or three.
 * Each entry stands once in each, so more kinds would cost every write.
 */
const radix = 8
export const blockLevels = [0, 1, 2, 3] as const
const topLevel = 3

/** The block of a level in which a time lies. */
export const blockOf = (atMs: number, level: number): number => Math.floor(atMs / dayMs / radix ** level)

/** Days beyond any entry that are whole blocks of every level. */
const endOfDays = radix ** 9

/** Times from `fromMs` up to, not including, `toMs`. */
export interface Span {
  fromMs: number
  toMs: number
}

/** What of a span are whole units of time, and what is left before and after them. */
export function wholeUnits({ fromMs, toMs }: Span, unitMs: number): { whole: Span | null; rest: Span[] } {
  const whole = { fromMs: Math.ceil(fromMs / unitMs) * unitMs, toMs: Math.floor(toMs / unitMs) * unitMs }
  if (whole.fromMs >= whole.toMs) return { whole: null, rest: fromMs < toMs ? [{ fromMs, toMs }] : [] }
  const rest = [
    { fromMs, toMs: whole.fromMs },
    { fromMs: whole.toMs, toMs },
  ]
  return { whole, rest: rest.filter((span) => span.fromMs < span.toMs) }
}

/** Blocks of a level from `from` up to, not including, `to`. */
export interface BlockRange {
  level: number
  from: number
  to: number
}

/** The fewest blocks that make up a span of whole days, none twice. */
export function coverDays({ fromMs, toMs }: Span): BlockRange[] {
  const ranges: BlockRange[] = []
  let from = fromMs / dayMs
  let to = Math.min(toMs / dayMs, endOfDays)
  for (let level = 0; from < to; level += 1) {
    if (level === topLevel) {
      ranges.push({ level, from, to })
      break
    }
    const up = Math.min(to, Math.ceil(from / radix) * radix)
    const down = Math.max(up, Math.floor(to / radix) * radix)
    ranges.push({ level, from, to: up }, { level, from: down, to })
    from = up / radix
    to = down / radix
  }
  return ranges.filter((range) => range.from < range.to)
}

/** A span that reaches beyond everything there is counts as open: then it is made of the largest blocks. */
export function openedSpan({ fromMs, toMs }: Span, oldestMs: number, newestMs: number): Span {
  return { fromMs: fromMs <= oldestMs ? 0 : fromMs, toMs: toMs > newestMs ? endOfDays * dayMs : toMs }
}
