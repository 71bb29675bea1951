import { describe, expect, it } from 'vitest'
import { cardLines, type CardLine } from './cardLines.ts'
import type { FleetRow } from './fleet.ts'
import type { FleetGroup } from './groups.ts'

// Lines look at no more of a worker than which it is.
const row = (id: string) => ({ id }) as FleetRow
const group = (key: string, ids: string[]) => ({ key, rows: ids.map(row) }) as FleetGroup
const seen = (lines: readonly CardLine[]) =>
  lines.map((line) => ('group' in line ? `[${line.group.key}]` : line.rows.map(({ id }) => id).join()))

describe('cardLines', () => {
  const rows = ['a', 'b', 'c', 'd', 'e'].map(row)
  it('puts as many beside each other as fit', () => {
    expect(seen(cardLines(rows, null, 2, () => false))).toEqual(['a,b', 'c,d', 'e'])
    expect(cardLines([], null, 2, () => false)).toEqual([])
  })
  it('begins each group on a line of its own, under its head; a folded one is its head only', () => {
    const groups = [group('night', ['a', 'b', 'c']), group('rack', ['a']), group('', ['d'])]
    const lines = cardLines(rows, groups, 2, (key) => key === 'rack')
    expect(seen(lines)).toEqual(['[night]', 'a,b', 'c', '[rack]', '[]', 'd'])
    expect(new Set(lines.map(({ key }) => key)).size, 'each line has a key of its own').toBe(lines.length)
  })
})
