import { describe, expect, it } from 'vitest'
import { appendText, byteLength, emptyTail, keptLines, shownLines } from './logTail.ts'

describe('appendText', () => {
  it('joins a line that came in two pieces', () => {
    const tail = appendText(appendText(emptyTail, 'Fra:1 Mem', 9), ':8M\nSaved', 18)
    expect(shownLines(tail)).toEqual(['Fra:1 Mem:8M', 'Saved'])
    expect(tail.end).toBe(18)
  })
  it('does not show an empty line after the last line end', () => {
    expect(shownLines(appendText(emptyTail, 'one\ntwo\n', 8))).toEqual(['one', 'two'])
  })
  it('keeps the newest lines only', () => {
    const text = Array.from({ length: keptLines + 50 }, (_, index) => `${index}\n`).join('')
    const tail = appendText(emptyTail, text, text.length)
    expect(tail.lines.length).toBe(keptLines)
    expect(shownLines(tail).at(-1)).toBe(String(keptLines + 49))
  })
  it('counts bytes, not letters', () => {
    expect(byteLength('Käthe')).toBe(6)
  })
})
