const formats = new Map<string, Intl.DateTimeFormat>()
const hourMs = 3_600_000
const minuteMs = 60_000

/** The month of a zone's calendar, such as `2026-11`. An unknown zone is UTC. */
export function monthOf(atMs: number, zone: string): string {
  let [year, month] = ['', '']
  for (const { type, value } of formatOf(zone).formatToParts(atMs)) {
    if (type === 'year') year = value
    else if (type === 'month') month = value
  }
  return `${year}-${month}`
}

/** The first minute of the next month there, also where the clocks change in between. */
export function nextMonthAt(nowMs: number, zone: string): number {
  const month = monthOf(nowMs, zone)
  let inside = Math.floor(nowMs / minuteMs) * minuteMs
  // No month is longer.
  let after = inside + 32 * 24 * hourMs
  while (after - inside > minuteMs) {
    const middle = Math.floor((inside + after) / 2 / minuteMs) * minuteMs
    if (monthOf(middle, zone) === month) inside = middle
    else after = middle
  }
  return after
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known !== undefined) return known
  const made = make(zone) ?? make('UTC') ?? new Intl.DateTimeFormat('en-US')
  formats.set(zone, made)
  return made
}

function make(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, calendar: 'gregory', year: 'numeric', month: '2-digit' })
  } catch {
    return null
  }
}
