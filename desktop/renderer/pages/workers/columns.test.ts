import { describe, expect, it } from 'vitest'
import { clampWidth, columnSpecs, defaultChoices, moveColumn, readChoices } from './columns.ts'

const keys = (choices: readonly { key: string }[] | null) => choices?.map(({ key }) => key)

describe('readChoices', () => {
  it('keeps order, width and what is shown, and adds columns that are new since', () => {
    const read = readChoices([
      { key: 'today', shown: true, widthPx: 200 },
      { key: 'name', shown: true },
      { key: 'status', shown: false },
    ])
    expect(read?.slice(0, 3)).toEqual([
      { key: 'today', shown: true, widthPx: 200 },
      { key: 'name', shown: true },
      { key: 'status', shown: false },
    ])
    expect(new Set(keys(read))).toEqual(new Set(columnSpecs.map(({ key }) => key)))
  })
  it('is not led astray by what it does not know', () => {
    for (const nonsense of [null, 7, 'x', {}, [], [null, 3, { key: 'nope' }]]) expect(readChoices(nonsense)).toBeNull()
    const read = readChoices([
      { key: 'ram', shown: 'yes', widthPx: 'wide' },
      { key: 'ram', shown: true },
      { key: 'name', shown: false },
    ])
    expect(read?.[0]).toEqual({ key: 'ram', shown: false })
    expect(keys(read)?.filter((key) => key === 'ram')).toHaveLength(1)
    expect(read?.find(({ key }) => key === 'name')?.shown).toBe(true)
  })
  it('keeps widths within reason', () => {
    expect(clampWidth('name', 3)).toBe(144)
    expect(clampWidth('name', 99_999)).toBe(800)
  })
})

it('shows without being asked only what fits: no width of the table makes it scroll sideways', () => {
  // Boxes to tick before the columns, the menu of a row behind them.
  const besidePx = 44 + 56
  const widthPx = (width: string): number => Number(/([\d.]+)rem/.exec(width)?.[1]) * 16
  const froms = columnSpecs.flatMap(({ from }) => (from === undefined ? [] : [from]))
  expect(froms.length).toBeGreaterThan(5)
  for (const from of froms) {
    const shown = columnSpecs.filter((spec) => spec.optional !== true && (spec.from ?? 0) <= from)
    expect(
      shown.reduce((sum, { width }) => sum + widthPx(width), besidePx),
      `from ${from} px`,
    ).toBeLessThanOrEqual(from)
  }
})

describe('moveColumn', () => {
  const shown = defaultChoices().filter((choice) => choice.shown)
  it('moves past columns that are not shown', () => {
    const choices = [...shown.slice(0, 1), { key: 'ram' as const, shown: false }, ...shown.slice(1)]
    const moved = moveColumn(choices, 'status', -1)
    expect(keys(moved.filter((choice) => choice.shown))?.slice(0, 2)).toEqual(['status', 'name'])
  })
  it('stays at the ends', () => {
    expect(keys(moveColumn(shown, 'name', -1))).toEqual(keys(shown))
    expect(keys(moveColumn(shown, 'update', 1))).toEqual(keys(shown))
  })
})
