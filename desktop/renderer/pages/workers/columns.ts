import type { FleetSort } from './fleetView.ts'

/** How one column of the list of workers is laid out when nobody has chosen otherwise. */
interface ColumnSpec {
  key: FleetSort
  /** A CSS grid track. */
  width: string
  /** The least width in px, and what a drag begins with. */
  leastPx: number
  end?: true
  /** Shown from this width of the table on, while the user has chosen nothing. */
  from?: number
  /** Not shown until it is chosen. */
  optional?: true
}

export const columnSpecs: readonly ColumnSpec[] = [
  { key: 'name', width: 'minmax(9rem, 1.1fr)', leastPx: 144 },
  { key: 'status', width: 'minmax(14rem, 2.4fr)', leastPx: 224 },
  { key: 'task', width: 'minmax(9rem, 1fr)', leastPx: 144, from: 720 },
  { key: 'hardware', width: 'minmax(8rem, 1fr)', leastPx: 128, from: 960 },
  { key: 'ram', width: '6rem', leastPx: 80, end: true, optional: true },
  { key: 'uptime', width: '7rem', leastPx: 96, end: true, from: 1_180 },
  { key: 'reliability', width: '6.5rem', leastPx: 88, end: true, from: 1_290 },
  { key: 'today', width: '6.5rem', leastPx: 88, end: true, from: 640 },
  { key: 'total', width: '6.5rem', leastPx: 88, end: true, from: 960 },
  { key: 'all', width: '7rem', leastPx: 88, end: true, from: 1_400 },
  { key: 'version', width: '6rem', leastPx: 80, optional: true },
  { key: 'tags', width: 'minmax(7rem, 0.8fr)', leastPx: 112, optional: true },
  { key: 'created', width: '7.5rem', leastPx: 104, end: true, optional: true },
  { key: 'update', width: '7.5rem', leastPx: 104, end: true, from: 1_080 },
  { key: 'id', width: '9rem', leastPx: 136, optional: true },
]

export const specOf = new Map(columnSpecs.map((spec) => [spec.key, spec]))

/** One column as the user wants it; the order of the list is the order of the table. */
export interface ColumnChoice {
  key: FleetSort
  shown: boolean
  widthPx?: number
}

export const defaultChoices = (): ColumnChoice[] => columnSpecs.map(({ key, optional }) => ({ key, shown: optional !== true }))

const widest = 800

/**
 * Reads what was remembered, from this browser or from a saved view: unknown and doubled columns are left out, columns that are new
 * since then come last as they are at first. The name is always shown. null: nothing readable was remembered.
 */
export function readChoices(remembered: unknown): ColumnChoice[] | null {
  if (!Array.isArray(remembered)) return null
  const choices = new Map<FleetSort, ColumnChoice>()
  for (const entry of remembered as unknown[]) {
    if (typeof entry !== 'object' || entry === null || !('key' in entry)) continue
    const spec = specOf.get(entry.key as FleetSort)
    if (!spec || choices.has(spec.key)) continue
    const widthPx = 'widthPx' in entry && typeof entry.widthPx === 'number' ? clampWidth(spec.key, entry.widthPx) : null
    const shown = spec.key === 'name' || ('shown' in entry && entry.shown === true)
    choices.set(spec.key, { key: spec.key, shown, ...(widthPx === null ? {} : { widthPx }) })
  }
  if (choices.size === 0) return null
  return [...choices.values(), ...defaultChoices().filter(({ key }) => !choices.has(key))]
}

export const clampWidth = (key: FleetSort, widthPx: number): number =>
  Math.min(widest, Math.max(specOf.get(key)?.leastPx ?? 64, Math.round(widthPx)))

/** Moves a column by one place among those that are shown. */
export function moveColumn(choices: readonly ColumnChoice[], key: FleetSort, by: -1 | 1): ColumnChoice[] {
  const next = [...choices]
  const at = next.findIndex((choice) => choice.key === key)
  let to = at + by
  while (next[to] !== undefined && next[to]?.shown === false) to += by
  const moved = next[at]
  if (moved === undefined || next[to] === undefined) return next
  next.splice(at, 1)
  next.splice(to, 0, moved)
  return next
}
