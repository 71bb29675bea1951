import { expect, it } from 'vitest'
import { createRowPool, linesAround, type Drawn, type Wanted } from './rowPool.ts'

const wantedOf = (from: number, to: number, text = 'row'): Wanted<string>[] =>
  Array.from({ length: to - from }, (_, place) => ({ index: from + place, startPx: (from + place) * 10, line: `${text} ${from + place}` }))
const shown = (drawn: readonly Drawn<string>[]): number[] => drawn.map(({ index }) => index).sort((a, b) => a - b)
const newPool = () => createRowPool<string>((a, b) => a === b)
const whole = Number.POSITIVE_INFINITY

it('draws what is in sight at once and what is beyond it over several frames, the nearest first', () => {
  const pool = newPool()
  const wanted = wantedOf(0, 10)
  const sight = { first: 4, last: 5 }
  expect(pool.draw(wanted, sight, 100, 2)).toMatchObject({
    isWhole: false,
    drawn: [{ index: 4 }, { index: 5 }, { index: 3 }, { index: 6 }],
  })
  expect(shown(pool.draw(wanted, sight, 100, 2).drawn)).toEqual([2, 3, 4, 5, 6, 7])
  pool.draw(wanted, sight, 100, 2)
  const last = pool.draw(wanted, sight, 100, 2)
  expect(last.isWhole).toBe(true)
  expect(shown(last.drawn)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})

it('gives the element of a line that left to one that came, and leaves all others as they are', () => {
  const pool = newPool()
  const before = pool.draw(wantedOf(0, 6), { first: 0, last: 3 }, 100, whole).drawn
  const after = pool.draw(wantedOf(2, 8), { first: 2, last: 5 }, 100, whole).drawn
  expect(after.map(({ slot }) => slot).sort()).toEqual(before.map(({ slot }) => slot).sort())
  for (const one of before.filter(({ index }) => index >= 2)) expect(after).toContain(one)
})

it('draws a line again where it is another one or stands elsewhere', () => {
  const pool = newPool()
  pool.draw(wantedOf(0, 3), { first: 0, last: 2 }, 3, whole)
  const moved = wantedOf(0, 3).map((one) => (one.index === 2 ? { ...one, startPx: 50 } : one.index === 1 ? { ...one, line: 'new' } : one))
  expect(pool.draw(moved, { first: 0, last: 2 }, 3, whole).drawn).toMatchObject([{ line: 'row 0' }, { line: 'new' }, { startPx: 50 }])
})

it('drops at once the elements of lines that the list no longer has', () => {
  const pool = newPool()
  pool.draw(wantedOf(0, 10), { first: 0, last: 3 }, 10, whole)
  const { drawn, isWhole } = pool.draw(wantedOf(0, 6, 'found'), { first: 0, last: 3 }, 6, 1)
  expect(isWhole).toBe(false)
  expect(shown(drawn)).toEqual([0, 1, 2, 3, 4, 5])
  expect(shown(pool.draw([], { first: 0, last: 0 }, 0, 1).drawn)).toEqual([])
})

it('puts the elements in the order of the list when asked', () => {
  const pool = newPool()
  pool.draw(wantedOf(0, 4), { first: 0, last: 3 }, 100, whole)
  const drawn = pool.draw(wantedOf(2, 6), { first: 2, last: 5 }, 100, whole).drawn
  expect(drawn.map(({ index }) => index)).not.toEqual([2, 3, 4, 5])
  expect(pool.order().map(({ index }) => index)).toEqual([2, 3, 4, 5])
})

it('asks for as many lines at the ends of a list as in its middle', () => {
  expect(linesAround({ first: 10, last: 12 }, 2, 100)).toEqual([8, 9, 10, 11, 12, 13, 14])
  expect(linesAround({ first: 0, last: 2 }, 2, 100)).toEqual([0, 1, 2, 3, 4, 5, 6])
  expect(linesAround({ first: 97, last: 99 }, 2, 100)).toEqual([93, 94, 95, 96, 97, 98, 99])
  expect(linesAround({ first: 0, last: 2 }, 2, 4)).toEqual([0, 1, 2, 3])
  expect(linesAround({ first: 0, last: 0 }, 2, 0)).toEqual([])
})
