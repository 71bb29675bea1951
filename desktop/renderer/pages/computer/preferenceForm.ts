import { computed, inject, toValue, type ComputedRef, type InjectionKey, type MaybeRefOrGetter } from 'vue'
import type { MeanOfFact } from '#shared/api/runtimeCalls.ts'
import type { gpuSchema } from '#shared/collections/node.schema.ts'
import type { OwnPreferences, Preferences, PreferencesByTag } from '#shared/collections/preferences.schema.ts'
import { effectivePreferences } from '#shared/rules/effectivePreferences.ts'
import type { z } from 'zod'

export type PreferenceName = Extract<keyof Preferences, string>
type Gpu = z.infer<typeof gpuSchema>

/** What the rows of a form of preferences share: what counts, where it comes from, how it is changed. */
export interface PreferenceForm {
  values: ComputedRef<Preferences>
  /** The tag that a value comes from, or that has a value of its own which this one stands before. */
  tagOf(name: PreferenceName): { tag: string; counts: boolean } | null
  /** undefined: it does not matter, whatever tags say. */
  set<Name extends PreferenceName>(name: Name, value: Preferences[Name] | undefined): void
  /** Goes back to what the tags say. */
  reset(name: PreferenceName): void
  /** What cannot be told on this system, or was never tried on one. */
  meanOf(fact: MeanOfFact['fact']): MeanOfFact['state'] | null
  /** Why a preference has no effect on this computer, as far as it said so. */
  warningOf(name: PreferenceName): string | null
  /** null: not of one computer. */
  cores: ComputedRef<number | null>
  cards: ComputedRef<readonly Gpu[]>
}

export const preferenceFormKey: InjectionKey<PreferenceForm> = Symbol('preferences')

export function usePreferenceForm(): PreferenceForm {
  const form = inject(preferenceFormKey)
  if (!form) throw new Error('no form of preferences was provided')
  return form
}

export interface PreferenceFormParts {
  own: MaybeRefOrGetter<OwnPreferences>
  /** Of one computer; a form for a tag has none. */
  tags?: MaybeRefOrGetter<readonly string[]>
  byTag?: MaybeRefOrGetter<PreferencesByTag>
  /** Puts one value of that preference in place, null included, or takes it away (undefined). */
  change(name: PreferenceName, value: unknown): void
  means?: MaybeRefOrGetter<readonly MeanOfFact[]>
  warnings?: MaybeRefOrGetter<Partial<Record<PreferenceName, string>>>
  cores?: MaybeRefOrGetter<number | null>
  cards?: MaybeRefOrGetter<readonly Gpu[]>
}

export function createPreferenceForm(parts: PreferenceFormParts): PreferenceForm {
  const tags = (): readonly string[] => toValue(parts.tags) ?? []
  const byTag = (): PreferencesByTag => toValue(parts.byTag) ?? {}
  const effective = computed(() => effectivePreferences(toValue(parts.own), tags(), byTag()))
  const ofTags = computed(() => effectivePreferences({}, tags(), byTag()))
  return {
    values: computed(() => effective.value.preferences),
    tagOf(name) {
      const tag = ofTags.value.tagOf[name]
      return tag === undefined ? null : { tag, counts: effective.value.tagOf[name] !== undefined }
    },
    // Where a tag has a value, taking the own one away would bring that back instead of "does not matter".
    set: (name, value) => parts.change(name, value === undefined && ofTags.value.preferences[name] !== undefined ? null : value),
    reset: (name) => parts.change(name, undefined),
    meanOf: (fact) => (toValue(parts.means) ?? []).find((mean) => mean.fact === fact)?.state ?? null,
    warningOf: (name) => toValue(parts.warnings)?.[name] ?? null,
    cores: computed(() => toValue(parts.cores) ?? null),
    cards: computed(() => toValue(parts.cards) ?? []),
  }
}
