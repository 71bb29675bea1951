import type { OwnPreferences, Preferences, PreferencesByTag } from '../collections/preferences.schema.ts'

export interface EffectivePreferences {
  preferences: Preferences
  /** The tag a preference comes from; what is not here is the node's own. */
  tagOf: Partial<Record<keyof Preferences, string>>
}

/** Preferences that are one decision: the second comes from where the first comes from. */
const pairs: Partial<Record<keyof Preferences, keyof Preferences>> = { resumeTemperatureC: 'maxTemperatureC' }

/**
 * What counts at a node: each preference of its own; else that of the first of its tags, in the order in which they stand at the node, that
 * says something. A node's own null is "does not matter here" and ends the search. Pure; tags compare without regard to case.
 */
export function effectivePreferences(
  own: OwnPreferences | null | undefined,
  tags: readonly string[],
  byTag: PreferencesByTag | null | undefined,
): EffectivePreferences {
  const known = new Map(Object.entries(byTag ?? {}).map(([tag, preferences]) => [tag.toLowerCase(), { tag, preferences }]))
  const ofTags = tags.flatMap((tag) => known.get(tag.toLowerCase()) ?? [])
  const levels: readonly { tag: string | null; preferences: OwnPreferences }[] = [{ tag: null, preferences: own ?? {} }, ...ofTags]
  const names = new Set(levels.flatMap(({ preferences }) => Object.keys(preferences)))
  const found: Record<string, unknown> = {}
  const tagOf: EffectivePreferences['tagOf'] = {}
  for (const name of names) {
    const decider = pairs[name] ?? name
    const level =
      levels.find(({ preferences }) => preferences[decider] !== undefined) ??
      levels.find(({ preferences }) => preferences[name] !== undefined)
    const value = level?.preferences[name]
    if (level === undefined || value === undefined || value === null) continue
    found[name] = value
    if (level.tag !== null) tagOf[name] = level.tag
  }
  // Safe: every value was one of the same name in checked preferences, and null is left out.
  return { preferences: found, tagOf }
}
