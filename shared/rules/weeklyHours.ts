import type { HoursRange } from '../collections/preferences.schema.ts'

const minuteMs = 60_000
const dayMinutes = 1_440
const weekMinutes = 7 * dayMinutes
/** Hours repeat after a week; two changes of the clocks may lie in between. */
const searchMs = 9 * dayMinutes * minuteMs

export interface HoursNow {
  inside: boolean
  /** When that changes; null: never. To the minute. */
  untilMs: number | null
}

const formats = new Map<string, Intl.DateTimeFormat>()

/**
 * Whether the wall clock of a zone is inside weekly hours, and until when. The wall clock decides: an hour that the clocks skip in spring is
 * skipped, one they repeat in autumn counts twice. An unknown zone is UTC.
 */
export function hoursNow(ranges: readonly HoursRange[], nowMs: number, zone: string): HoursNow {
  const wall = wallOf(zone)
  const isInside = (atMs: number) => covers(ranges, wall(atMs))
  const inside = isInside(nowMs)
  const boundaries = ranges.flatMap((range) =>
    range.days.flatMap((day) => {
      const start = day * dayMinutes + range.fromMinute
      return [start % weekMinutes, (start + lengthOf(range)) % weekMinutes]
    }),
  )
  if (boundaries.length === 0) return { inside, untilMs: null }
  let at = Math.floor(nowMs / minuteMs) * minuteMs
  const end = at + searchMs
  while (at < end) {
    const minute = wall(at)
    const toNext = Math.min(
      dayMinutes,
      ...boundaries.map((boundary) => (boundary - minute + weekMinutes - 1) % weekMinutes).map((gap) => gap + 1),
    )
    const next = at + toNext * minuteMs
    // Without a change of the clocks in between, nothing can happen before the next boundary; with one, every minute is looked at.
    const steady = wall(next) === (minute + toNext) % weekMinutes
    for (let step = steady ? next : at + minuteMs; step <= next; step += minuteMs)
      if (isInside(step) !== inside) return { inside, untilMs: step }
    at = next
  }
  return { inside, untilMs: null }
}

/** `minute` counts from Monday 00:00. */
function covers(ranges: readonly HoursRange[], minute: number): boolean {
  return ranges.some((range) =>
    range.days.some((day) => (minute - day * dayMinutes - range.fromMinute + 2 * weekMinutes) % weekMinutes < lengthOf(range)),
  )
}

const lengthOf = ({ fromMinute, toMinute }: HoursRange): number => toMinute - fromMinute + (toMinute > fromMinute ? 0 : dayMinutes)

/** The minute of the week by a zone's wall clock. */
function wallOf(zone: string): (atMs: number) => number {
  const format = formatOf(zone)
  return (atMs) => {
    let [weekday, hour, minute] = [0, 0, 0]
    for (const { type, value } of format.formatToParts(atMs)) {
      if (type === 'weekday') weekday = weekdays.indexOf(value)
      else if (type === 'hour') hour = Number(value) % 24
      else if (type === 'minute') minute = Number(value)
    }
    return weekday * dayMinutes + hour * 60 + minute
  }
}

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** Making one takes a thousand times as long as using it. */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known !== undefined) return known
  const made = make(zone) ?? make('UTC') ?? new Intl.DateTimeFormat('en-US')
  formats.set(zone, made)
  return made
}

function make(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  } catch {
    return null
  }
}
