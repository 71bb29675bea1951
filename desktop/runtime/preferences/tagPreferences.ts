import { tagPreferencesSchema, type TagPreferences } from '#shared/api/gatewayCalls.ts'
import type { PreferencesByTag } from '#shared/collections/preferences.schema.ts'
import type { Profile } from '#shared/collections/profile.schema.ts'
import type { JsonValue } from '#shared/json.ts'
import { tagPreferencesTopic } from '#shared/sync/live.ts'
import type { LocalDatabase } from '../database/localDatabase.ts'
import type { Documents, Gateway } from '../tasks/ports.ts'

const fact = 'tagPreferences'

/** What the owner wants of computers with a tag, as it is known here: the last word stays while the line is cut. */
export interface NodeTagPreferences {
  current(): PreferencesByTag
  onChange(listener: () => void): () => void
  stop(): void
}

export interface TagPreferencesOptions {
  ownerId: string
  /** Holds the owner's profile where the owner signed in at this computer: an edit made here counts at once, also without a line. */
  profiles: Pick<Documents<Profile>, 'get' | 'onChange'>
  local: Pick<LocalDatabase, 'readFact' | 'writeFact'>
  gateway: Pick<Gateway, 'call' | 'isLive' | 'onLive' | 'watch'>
}

/** Of several words the newest counts: the profile here may be one that nobody syncs any more. */
export async function openTagPreferences({ ownerId, profiles, local, gateway }: TagPreferencesOptions): Promise<NodeTagPreferences> {
  const listeners = new Set<() => void>()
  let told = readKnown(local.readFact(fact))
  let profile: Profile | null = null
  const current = (): PreferencesByTag =>
    profile !== null && profile.updatedAt >= told.updatedAt ? (profile.preferencesByTag ?? {}) : told.byTag
  const change = (apply: () => void) => {
    const before = JSON.stringify(current())
    apply()
    if (JSON.stringify(current()) !== before) listeners.forEach((listener) => listener())
  }
  const hear = (value: JsonValue | TagPreferences): boolean => {
    const parsed = tagPreferencesSchema.safeParse(value)
    if (!parsed.success) return false
    const { updatedAt, byTag } = parsed.data
    if (updatedAt === told.updatedAt && JSON.stringify(byTag) === JSON.stringify(told.byTag)) return true
    change(() => (told = { updatedAt, byTag }))
    local.writeFact(fact, JSON.stringify(told))
    return true
  }
  const ask = async () => {
    const answer = await gateway.call('node.tagPreferences', {})
    // NOT_FOUND is an older server, everything else is the line: what is known stays.
    if (answer.ok) hear(answer.value)
  }
  const take = (next: Profile | null) => {
    if (next === null || next.id === ownerId) change(() => (profile = next))
  }
  take(await profiles.get(ownerId))
  const offs = [
    profiles.onChange(take),
    gateway.onLive((live) => void (live && ask())),
    // A table too large to be sent to everybody is asked for.
    gateway.watch(tagPreferencesTopic, (value) => void (hear(value) || ask())),
  ]
  if (gateway.isLive()) void ask()
  return {
    current,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    stop: () => offs.forEach((off) => off()),
  }
}

function readKnown(text: string | null): TagPreferences {
  const parsed = text === null ? null : tagPreferencesSchema.safeParse(JSON.parse(text))
  return parsed?.success === true ? parsed.data : { updatedAt: 0, byTag: {} }
}
