import { expect, test } from 'vitest'
import { preferencesSchema } from '#shared/collections/preferences.schema.ts'
import { minuteOf, nightHours, numberIn, programsIn, timeOf, withPreference } from './preferencesForm.ts'

test('a preference that is taken away is not there any more; the others stay', () => {
  const both = withPreference(withPreference({}, 'idleMinutes', 3), 'notOnBattery', true)
  expect(both).toEqual({ idleMinutes: 3, notOnBattery: true })
  const one = withPreference(both, 'idleMinutes', undefined)
  expect(Object.keys(one)).toEqual(['notOnBattery'])
  expect(preferencesSchema.parse({ ...one, computeHours: [nightHours()] })).toMatchObject({ notOnBattery: true })
})

test('times of a day are read and written', () => {
  for (const minute of [0, 61, 1_439]) expect(minuteOf(timeOf(minute))).toBe(minute)
  expect(timeOf(1_440)).toBe('00:00')
  for (const wrong of ['', '24:00', '7', '12:60', 'noon']) expect(minuteOf(wrong), wrong).toBeNull()
})

test('programs come one a line or between commas, each once', () => {
  expect(programsIn(' steam\n\ndoom.exe, steam ;obs ')).toEqual(['steam', 'doom.exe', 'obs'])
  expect(programsIn(Array.from({ length: 300 }, (_, n) => `p${n}`).join('\n'))).toHaveLength(100)
})

test('numbers stay within their limits', () => {
  expect([numberIn('3.4', 1, 9), numberIn('-1', 1, 9), numberIn('99', 1, 9), numberIn('', 1, 9), numberIn('x', 1, 9)]).toEqual([
    3,
    1,
    9,
    null,
    null,
  ])
})
