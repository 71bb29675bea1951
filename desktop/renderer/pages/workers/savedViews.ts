import { z } from 'zod'
import type { Profile } from '#shared/collections/profile.schema.ts'
import { workerStatuses } from '#shared/rules/status.ts'
import { readChoices, type ColumnChoice } from './columns.ts'
import { fleetGroupings, fleetSorts, type FleetView } from './fleetView.ts'

/** A list of workers kept under a name; it stands in the owner's profile and is the same on every dashboard. */
export interface SavedView {
  id: string
  name: string
  view: FleetView
  /** null: as they are at first. */
  columns: ColumnChoice[] | null
}

const viewSchema = z.object({
  search: z.string().catch(''),
  statuses: z.array(z.enum(workerStatuses)).catch([]),
  tag: z.string().catch(''),
  gpu: z.string().catch(''),
  version: z.string().catch(''),
  sort: z.enum(fleetSorts).catch('name'),
  descending: z.boolean().catch(false),
  group: z.enum(fleetGroupings).catch('none'),
})

/** The saved views of the workers' page. What another version wrote and this one cannot read is passed over and kept as it is. */
export function savedViewsOf(profile: Profile | null): SavedView[] {
  return (profile?.savedViews ?? []).flatMap((entry) => {
    if (entry.page !== 'workers') return []
    const view = viewSchema.safeParse(entry['view'])
    return view.success ? [{ id: entry.id, name: entry.name, view: view.data, columns: readChoices(entry['columns']) }] : []
  })
}

/** The profile's list with this view in it: a view of the same name is replaced. */
export function withView(profile: Profile, saved: SavedView): NonNullable<Profile['savedViews']> {
  const others = (profile.savedViews ?? []).filter((entry) => entry.page !== 'workers' || entry.name !== saved.name)
  return [...others, { ...saved, page: 'workers' }]
}

export const withoutView = (profile: Profile, id: string): NonNullable<Profile['savedViews']> =>
  (profile.savedViews ?? []).filter((entry) => entry.id !== id)
