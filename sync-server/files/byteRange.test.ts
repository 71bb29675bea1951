import fc from 'fast-check'
import { expect, it } from 'vitest'
import { byteRange } from './byteRange.ts'

const range = (header: string, size = 100, ifRange?: string) => byteRange(header, ifRange, '"a"', size)

it('reads the forms of RFC 9110', () => {
  expect(range('bytes=0-9')).toEqual({ kind: 'part', from: 0, to: 9 })
  expect(range('bytes=90-')).toEqual({ kind: 'part', from: 90, to: 99 })
  expect(range('bytes=90-900')).toEqual({ kind: 'part', from: 90, to: 99 })
  expect(range('bytes=-5')).toEqual({ kind: 'part', from: 95, to: 99 })
  expect(range('bytes=-500')).toEqual({ kind: 'part', from: 0, to: 99 })
  for (const none of ['bytes=100-', 'bytes=100-200', 'bytes=5-2', 'bytes=-0']) expect(range(none)).toEqual({ kind: 'none' })
  for (const whole of ['', 'bytes=-', 'bytes=a-b', 'lines=1-2', 'bytes=0-1,4-5']) expect(range(whole)).toEqual({ kind: 'whole' })
})

it('sends the whole when the contents changed since', () => {
  expect(range('bytes=5-', 100, '"a"')).toEqual({ kind: 'part', from: 5, to: 99 })
  expect(range('bytes=5-', 100, '"b"')).toEqual({ kind: 'whole' })
})

it('never leaves the file', () => {
  fc.assert(
    fc.property(fc.nat(300), fc.nat(300), fc.nat(200), (from, to, size) => {
      const result = range(`bytes=${from}-${to}`, size)
      if (result.kind !== 'part') return
      expect(result.from).toBeLessThanOrEqual(result.to)
      expect(result.to).toBeLessThan(size)
    }),
  )
})
