import { decode, encode } from '@jridgewell/sourcemap-codec'
import { expect, test } from 'vitest'
import { moveColumns } from './narrowTextPlugin.ts'

test('a mapping behind letters that became escapes points where its code went', () => {
  const mappings = encode([
    [
      [0, 0, 0, 0],
      [6, 0, 0, 6],
      [7, 0, 0, 7],
    ],
    [[3, 0, 1, 3]],
  ])
  // The wide letters stand at columns 2, 4 and 6; each moves what is behind it by five.
  const moved = decode(moveColumns(mappings, ['a=’b’;—x', 'plain']))
  expect(moved).toEqual([
    [
      [0, 0, 0, 0],
      [16, 0, 0, 6],
      [22, 0, 0, 7],
    ],
    [[3, 0, 1, 3]],
  ])
})
