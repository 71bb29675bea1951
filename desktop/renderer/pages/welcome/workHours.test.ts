import { expect, it } from 'vitest'
import { nightHours } from '../computer/preferencesForm.ts'
import { answerOf, withAnswer, workHours } from './workHours.ts'

const own = [{ days: [5, 6], fromMinute: 600, toMinute: 1_200 }]

it.each(workHours)('%s is what is read again', (hours) => {
  const answer = { hours, own: hours === 'own' ? own : [nightHours()], notOnBattery: hours === 'idle' }
  expect(answerOf(withAnswer({}, answer))).toEqual(answer)
})

it('leaves everything else as it was, and takes away what another answer had set', () => {
  const before = { idleMinutes: 10, maxTemperatureC: 80, computeHours: own, notOnBattery: true }
  expect(withAnswer(before, { hours: 'always', own, notOnBattery: false })).toEqual({ maxTemperatureC: 80 })
  expect(withAnswer(before, { hours: 'idle', own, notOnBattery: false })).toEqual({ maxTemperatureC: 80, idleMinutes: 10 })
})
