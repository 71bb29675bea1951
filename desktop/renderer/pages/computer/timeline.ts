import { statusEntrySchema, type StatusEntry } from '#shared/rules/statusEntry.ts'

/** An entry with how long it lasted; null: it is so now. */
export interface TimelineRow extends StatusEntry {
  lastedMs: number | null
}

/** The newest changes of a node's status, newest first, from the text of its series. Lines of a newer version that cannot be read are left out. */
export function timelineRows(lines: readonly string[], count: number): TimelineRow[] {
  const entries = lines.flatMap((line) => {
    try {
      const parsed = statusEntrySchema.safeParse(JSON.parse(line))
      return parsed.success ? [parsed.data] : []
    } catch {
      // The last line may still be on its way.
      return []
    }
  })
  return entries
    .map((entry, index) => ({
      ...entry,
      lastedMs: index + 1 < entries.length ? Math.max(0, (entries[index + 1]?.at ?? 0) - entry.at) : null,
    }))
    .slice(-count)
    .reverse()
}
