import type { HoursRange, OwnPreferences } from '#shared/collections/preferences.schema.ts'
import { nightHours, withPreference } from '../computer/preferencesForm.ts'

/** The few answers that most people give; everything else has its place on the page of the computer. */
export const workHours = ['always', 'idle', 'night', 'own'] as const
export type WorkHours = (typeof workHours)[number]

export interface HoursAnswer {
  hours: WorkHours
  own: HoursRange[]
  notOnBattery: boolean
}

/** What was answered before, as far as the few answers can say it. */
export function answerOf({ idleMinutes, computeHours, notOnBattery }: OwnPreferences): HoursAnswer {
  const own = computeHours ?? []
  const isNight = JSON.stringify(own) === JSON.stringify([nightHours()])
  const hours = isNight ? 'night' : own.length > 0 ? 'own' : idleMinutes == null ? 'always' : 'idle'
  return { hours, own: own.length > 0 ? own : [nightHours()], notOnBattery: notOnBattery === true }
}

const usualIdleMinutes = 3

/** The preferences with the answer in them; what the questions do not touch stays. */
export function withAnswer<Own extends OwnPreferences>(before: Own, { hours, own, notOnBattery }: HoursAnswer): Own {
  const idle = hours === 'idle' ? (before.idleMinutes ?? usualIdleMinutes) : undefined
  const compute = hours === 'night' ? [nightHours()] : hours === 'own' ? own : undefined
  return withPreference(
    withPreference(withPreference(before, 'idleMinutes', idle), 'computeHours', compute),
    'notOnBattery',
    notOnBattery ? true : undefined,
  )
}
