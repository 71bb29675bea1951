import type { FleetRow } from './fleet.ts'
import type { FleetGroup } from './groups.ts'

/** A line of the cards: as many workers as fit beside each other, or the head of a group. */
export type CardLine = { key: string; rows: readonly FleetRow[] } | { key: string; group: FleetGroup }

/** The workers in lines of `beside` cards; with groups each begins with its head on a line of its own, and those that are folded are only that. */
export function cardLines(
  rows: readonly FleetRow[],
  groups: readonly FleetGroup[] | null,
  beside: number,
  isFolded: (key: string) => boolean,
): CardLine[] {
  if (groups === null) return linesOf(rows, beside, '')
  return groups.flatMap((group): CardLine[] => [
    { key: `group ${group.key}`, group },
    ...(isFolded(group.key) ? [] : linesOf(group.rows, beside, group.key)),
  ])
}

const linesOf = (rows: readonly FleetRow[], beside: number, of: string): CardLine[] =>
  Array.from({ length: Math.ceil(rows.length / beside) }, (_, line) => ({
    key: `${of} ${line}`,
    rows: rows.slice(line * beside, (line + 1) * beside),
  }))
