const dayMs = 86_400_000

/** The UTC day `YYYY-MM-DD` of a time, moved by whole days: rollups are counted in UTC days, like the ledger. */
export function utcDay(ms: number, offsetDays = 0): string {
  return new Date(ms + offsetDays * dayMs).toISOString().slice(0, 10)
}

export const dayStartMs = (day: string): number => Date.parse(`${day}T00:00:00Z`)
