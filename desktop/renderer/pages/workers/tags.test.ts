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
  it('reads amounts with a point or a comma, exactly', () => {
    expect(readBid('0.02')).toBe(20_000)
    expect(readBid(' 1,000001 ')).toBe(1_000_001)
    expect(readBid('3')).toBe(3_000_000)
  })
  it('takes nothing else', () => {
    for (const typed of ['', '-1', '1.2345678', '1e3', 'ten', '1.000,5', '9999999999']) expect(readBid(typed), typed).toBeNull()
  })
})
