import { describe, expect, it } from 'vitest'
import { readBid } from './bid.ts'
import { applyTags, knownTags } from './tags.ts'

describe('applyTags', () => {
  it('adds and takes away', () => {
    expect(applyTags(['old', 'rack 1'], 'rack 2, -old,,  ')).toEqual(['rack 1', 'rack 2'])
  })
  it('knows a tag in any case', () => {
    expect(applyTags(['Studio'], 'studio, -STUDIO, Night')).toEqual(['Night'])
  })
  it('stays within what a worker may hold', () => {
    const many = Array.from({ length: 50 }, (_, index) => `t${index}`)
    expect(applyTags(many, 'one more')).toHaveLength(50)
    expect(applyTags([], 'x'.repeat(99))[0]).toHaveLength(60)
  })
})

it('knownTags lists each once, without regard to case', () => {
  expect(knownTags([['rack', 'Cellar'], ['cellar', 'attic'], []])).toEqual(['attic', 'Cellar', 'rack'])
})

describe('readBid', () => {
  it('takes an amount within what may be asked, with a point or a comma', () => {
    expect([readBid('0.00005'), readBid(' 0,001 '), readBid('0.000001')]).toEqual([50, 1_000, 1])
  })

  it('takes nothing else', () => {
    for (const typed of ['', '0', '0.001001', '3', '-1', '0.0000001', '1e-5', 'ten', '1.000,5']) expect(readBid(typed), typed).toBeNull()
  })
})
