import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatFrames, framesPerJobLimit, lastFrameNumber, parseFrames } from './frameRange.ts'

const codeOf = (text: string) => {
  const result = parseFrames(text)
  return result.ok ? 'ok' : result.error.code
}

describe('parseFrames', () => {
  test.each([
    ['1', [1]],
    ['1-3', [1, 2, 3]],
    ['1-3,20', [1, 2, 3, 20]],
    [' 5 , 1 - 2 ', [1, 2, 5]],
    ['3,3,1-3', [1, 2, 3]],
    ['4..6', [4, 5, 6]],
    ['0', [0]],
    ['007', [7]],
  ])('reads %j', (text, frames) => {
    expect(parseFrames(text)).toEqual({ ok: true, value: frames })
  })

  test.each([
    ['', 'FRAMES_EMPTY'],
    ['   ', 'FRAMES_EMPTY'],
    ['a', 'FRAMES_INVALID'],
    ['1,', 'FRAMES_INVALID'],
    [',1', 'FRAMES_INVALID'],
    ['1-', 'FRAMES_INVALID'],
    ['-5', 'FRAMES_INVALID'],
    ['1-2-3', 'FRAMES_INVALID'],
    ['1.5', 'FRAMES_INVALID'],
    ['1e3', 'FRAMES_INVALID'],
    ['0x10', 'FRAMES_INVALID'],
    ['1;2', 'FRAMES_INVALID'],
    ['١', 'FRAMES_INVALID'],
    [String(lastFrameNumber + 1), 'FRAMES_OUT_OF_RANGE'],
    ['99999999999999999999', 'FRAMES_OUT_OF_RANGE'],
    ['1,,2', 'FRAMES_INVALID'],
    ['10-1', 'FRAMES_REVERSED'],
    ['1-5,9-8', 'FRAMES_REVERSED'],
    ['1-1000000', 'FRAMES_TOO_MANY'],
    [`1-${framesPerJobLimit + 1}`, 'FRAMES_TOO_MANY'],
    ['1,'.repeat(60_000) + '1', 'FRAMES_INVALID'],
  ])('refuses %.30j with %s', (text, code) => {
    expect(codeOf(text)).toBe(code)
  })

  test('takes exactly the limit, counted without doubles', () => {
    const result = parseFrames(`1-${framesPerJobLimit},5-10`)
    expect(result.ok && result.value.length).toBe(framesPerJobLimit)
  })

  test('an error names the part that is wrong', () => {
    expect(parseFrames('1-3,9-8')).toMatchObject({ ok: false, error: { details: { input: '9-8' } } })
    expect(parseFrames('1-1000000')).toMatchObject({ ok: false, error: { details: { count: 1_000_000, limit: framesPerJobLimit } } })
  })

  test('formatting and parsing are opposites; the result is sorted and without doubles', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 500 }), { minLength: 1, maxLength: 80 }), (frames) => {
        const wanted = [...new Set(frames)].sort((a, b) => a - b)
        expect(parseFrames(formatFrames(frames))).toEqual({ ok: true, value: wanted })
        expect(parseFrames(formatFrames(frames, '..'))).toEqual({ ok: true, value: wanted })
        expect(parseFrames(frames.join(' , '))).toEqual({ ok: true, value: wanted })
      }),
    )
  })

  test('any text gives a list or one of the four codes, never an exception', () => {
    const codes = ['ok', 'FRAMES_INVALID', 'FRAMES_EMPTY', 'FRAMES_REVERSED', 'FRAMES_TOO_MANY']
    fc.assert(fc.property(fc.string(), (text) => codes.includes(codeOf(text))))
    fc.assert(fc.property(fc.stringMatching(/^[0-9,. -]{0,30}$/), (text) => codes.includes(codeOf(text))))
  })
})

test('formatFrames is the shortest form', () => {
  expect(formatFrames([20, 1, 2, 3, 2])).toBe('1-3,20')
  expect(formatFrames([])).toBe('')
  expect(formatFrames([1, 2], '..')).toBe('1..2')
})
