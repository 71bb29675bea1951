import { describe, expect, it } from 'vitest'
import type { Profile } from '#shared/collections/profile.schema.ts'
import { profileSchema } from '#shared/collections/profile.schema.ts'
import { wholeFleet } from './fleetView.ts'
import { savedViewsOf, withoutView, withView, type SavedView } from './savedViews.ts'

const profile: Profile = { id: 'owner-1', ownerId: 'owner-1', updatedAt: 0, name: 'Ada', stamps: {} }
const night: SavedView = { id: 'view-1', name: 'Night', view: { ...wholeFleet, tag: 'night', statuses: ['offline'] }, columns: null }

describe('saved views', () => {
  it('come back as they were kept', () => {
    const kept = { ...profile, savedViews: withView(profile, night) }
    expect(profileSchema.safeParse(kept).success).toBe(true)
    expect(savedViewsOf(JSON.parse(JSON.stringify(kept)) as Profile)).toEqual([night])
  })
  it('replace one of the same name and leave those of other pages alone', () => {
    const other = { id: 'view-9', name: 'Night', page: 'jobs', anything: 1 }
    const first = { ...profile, savedViews: [other, ...withView(profile, night)] }
    const second = withView(first, { ...night, id: 'view-2' })
    expect(second.map(({ id }) => id)).toEqual(['view-9', 'view-2'])
    expect(withoutView({ ...profile, savedViews: second }, 'view-2')).toEqual([other])
  })
  it('read what a newer version wrote as far as they can', () => {
    const odd = { id: 'v', name: 'Odd', page: 'workers', view: { search: 5, statuses: ['asleep'], sort: 'mood' }, columns: 'many' }
    expect(savedViewsOf({ ...profile, savedViews: [odd, { id: 'w', name: 'None', page: 'workers' }] })).toEqual([
      { id: 'v', name: 'Odd', view: wholeFleet, columns: null },
    ])
  })
})
