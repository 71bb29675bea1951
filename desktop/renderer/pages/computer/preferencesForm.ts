import type { HoursRange, OwnPreferences } from '#shared/collections/preferences.schema.ts'

/** A preference set to another value, or taken away (`undefined`), so that what does not matter is not there at all. */
export function withPreference<Preferences extends OwnPreferences>(
  before: Preferences,
  key: keyof OwnPreferences,
  value: unknown,
): Preferences {
  const next = { ...before }
  delete next[key]
  return value === undefined ? next : { ...next, [key]: value }
}

/** "22:00" from minutes after midnight; the end of a day is "00:00". */
export const timeOf = (minute: number): string =>
  `${String(Math.floor((minute % 1_440) / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

/** null for what is no time of a day. */
export function minuteOf(time: string): number | null {
  const [, hours, minutes] = /^(\d{1,2}):(\d{2})(?::\d{2})?$/.exec(time) ?? []
  const minute = Number(hours) * 60 + Number(minutes)
  return Number.isInteger(minute) && minute >= 0 && minute < 1_440 && Number(minutes) < 60 ? minute : null
}

/** Names of programs, one a line or between commas; each once, at most as many as are kept. */
export const programsIn = (text: string): string[] =>
  [
    ...new Set(
      text
        .split(/[\n,;]/)
        .map((name) => name.trim().slice(0, 100))
        .filter((name) => name !== ''),
    ),
  ].slice(0, 100)

/** A first proposal: nights, every day. */
export const nightHours = (): HoursRange => ({ days: [0, 1, 2, 3, 4, 5, 6], fromMinute: 22 * 60, toMinute: 7 * 60 })

/** A whole number within limits; null for what is none. */
export function numberIn(text: string, least: number, most: number): number | null {
  const number = Number(text)
  return text.trim() === '' || !Number.isFinite(number) ? null : Math.min(most, Math.max(least, Math.round(number)))
}
