import { expect, it } from 'vitest'
import { tomorrowMorning } from './tomorrowMorning.ts'

it('is eight in the morning of the next day, from early to late, over the ends of months and years', () => {
  for (const now of [new Date(2026, 2, 10, 0, 1), new Date(2026, 2, 10, 23, 59), new Date(2026, 1, 28, 12), new Date(2026, 11, 31, 9)]) {
    const until = new Date(tomorrowMorning(now.getTime()))
    expect([until.getHours(), until.getMinutes(), until.getSeconds()]).toEqual([8, 0, 0])
    const next = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1)
    expect([until.getFullYear(), until.getMonth(), until.getDate()]).toEqual([next.getFullYear(), next.getMonth(), next.getDate()])
  }
})
