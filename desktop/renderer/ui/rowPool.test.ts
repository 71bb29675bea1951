import { expect, it } from 'vitest'
import { createRowPool, linesAround, type Drawn, type RowPool, type Sight, type Wanted } from './rowPool.ts'

const wantedOf = (from: number, to: number, text = 'row'): Wanted<string>[] =>
  Array.from({ length: to - from }, (_, place) => ({ index: from + place, startPx: (from + place) * 10, line: `${text} ${from + place}` }))
const shown = (drawn: readonly Drawn<string>[]): number[] => drawn.map(({ index }) => index).sort((a, b) => a - b)
const newPool = (spare = 0) => createRowPool<string>((a, b) => a === b, spare)
/** The pool's next step in a list whose lines say `text` and their place. */
function draw(pool: RowPool<string>, wanted: readonly Wanted<string>[], sight: Sight, count: number, most: number, text = 'row') {
  return pool.draw({ wanted, sight, count, at: (index) => wantedOf(index, index + 1, text)[0] }, most)
}
const whole = Number.POSITIVE_INFINITY

it('draws what is in sight at once and what is beyond it over several frames, the nearest first and twice as many of those', () => {
  const pool = newPool()
  const wanted = wantedOf(0, 16)
  const sight = { first: 7, last: 8 }
  expect(draw(pool, wanted, sight, 100, 1)).toMatchObject({
    isWhole: false,
    drawn: [{ index: 7 }, { index: 8 }, { index: 6 }, { index: 9 }],
  })
  expect(shown(draw(pool, wanted, sight, 100, 1).drawn)).toEqual([5, 6, 7, 8, 9, 10])
  expect(shown(draw(pool, wanted, sight, 100, 1).drawn)).toEqual([4, 5, 6, 7, 8, 9, 10, 11])
  expect(shown(draw(pool, wanted, sight, 100, 1).drawn)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11])
  for (let frame = 0; frame < 6; frame += 1) expect(draw(pool, wanted, sight, 100, 1).isWhole).toBe(false)
  const last = draw(pool, wanted, sight, 100, 1)
  expect(last.isWhole).toBe(true)
  expect(shown(last.drawn)).toEqual(wanted.map(({ index }) => index))
})

it('gives the element of a line that left to one that came, and leaves all others as they are', () => {
  const pool = newPool()
  const before = draw(pool, wantedOf(0, 6), { first: 0, last: 3 }, 100, whole).drawn
  const after = draw(pool, wantedOf(2, 8), { first: 2, last: 5 }, 100, whole).drawn
  expect(after.map(({ slot }) => slot).sort()).toEqual(before.map(({ slot }) => slot).sort())
  for (const one of before.filter(({ index }) => index >= 2)) expect(after).toContain(one)
})

it('draws a line again where it is another one or stands elsewhere', () => {
  const pool = newPool()
  draw(pool, wantedOf(0, 3), { first: 0, last: 2 }, 3, whole)
  const moved = wantedOf(0, 3).map((one) => (one.index === 2 ? { ...one, startPx: 50 } : one.index === 1 ? { ...one, line: 'new' } : one))
  expect(draw(pool, moved, { first: 0, last: 2 }, 3, whole).drawn).toMatchObject([{ line: 'row 0' }, { line: 'new' }, { startPx: 50 }])
})

it('leaves a number of lines where they are after they have left, and has nothing to draw when the list moves back', () => {
  const pool = newPool(3)
  const before = draw(pool, wantedOf(0, 6), { first: 0, last: 3 }, 100, whole).drawn
  const moved = draw(pool, wantedOf(3, 9), { first: 3, last: 6 }, 100, whole).drawn
  expect(shown(moved)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
  const back = draw(pool, wantedOf(1, 7), { first: 1, last: 4 }, 100, whole).drawn
  expect(back).toEqual(moved)
  for (const one of before) expect(back).toContain(one)
  // The farthest gives its element first.
  expect(shown(draw(pool, wantedOf(5, 11), { first: 5, last: 8 }, 100, whole).drawn)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10])
})

it('draws a line that has left and is still there again where it changes, after those that are wanted', () => {
  const pool = newPool(3)
  draw(pool, wantedOf(0, 6), { first: 0, last: 3 }, 100, whole)
  draw(pool, wantedOf(3, 9), { first: 3, last: 6 }, 100, whole)
  const first = draw(pool, wantedOf(3, 9, 'new'), { first: 3, last: 6 }, 100, 1, 'new')
  expect(first.isWhole).toBe(false)
  expect(first.drawn.filter(({ line }) => line.startsWith('row')).map(({ index }) => index)).toEqual([0, 1, 8])
  const next = draw(pool, wantedOf(3, 9, 'new'), { first: 3, last: 6 }, 100, 3, 'new')
  expect(next.drawn.map(({ line }) => line).every((line) => line.startsWith('new'))).toBe(true)
})

it('drops at once the elements of lines that the list no longer has', () => {
  const pool = newPool()
  draw(pool, wantedOf(0, 10), { first: 0, last: 3 }, 10, whole)
  const { drawn, isWhole } = draw(pool, wantedOf(0, 6, 'found'), { first: 0, last: 1 }, 6, 1)
  expect(isWhole).toBe(false)
  expect(shown(drawn)).toEqual([0, 1, 2, 3, 4, 5])
  expect(shown(draw(pool, [], { first: 0, last: 0 }, 0, 1).drawn)).toEqual([])
})

it('puts the elements in the order of the list when asked', () => {
  const pool = newPool()
  draw(pool, wantedOf(0, 4), { first: 0, last: 3 }, 100, whole)
  const drawn = draw(pool, wantedOf(2, 6), { first: 2, last: 5 }, 100, whole).drawn
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
