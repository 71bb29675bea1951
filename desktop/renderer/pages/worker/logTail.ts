const encoder = new TextEncoder()

/** The end of a log as far as it is shown: whole lines, and up to which byte of the series they go. */
export interface LogTail {
  lines: readonly string[]
  /** Byte offset after the last character, in the series. */
  end: number
}

export const emptyTail: LogTail = { lines: [], end: 0 }
/** Lines that are kept on the page; older ones are read again when wanted. */
export const keptLines = 2_000

/** Adds text that follows the tail. A line that is not finished is the last, and goes on. */
export function appendText(tail: LogTail, text: string, end: number): LogTail {
  if (text === '') return tail
  const before = tail.lines.length > 0 ? [...tail.lines] : ['']
  const parts = text.split('\n')
  before[before.length - 1] += parts[0] ?? ''
  const lines = [...before, ...parts.slice(1)]
  return { lines: lines.slice(-keptLines), end }
}

export const byteLength = (text: string): number => encoder.encode(text).length

/** The lines to draw: without the empty one after the last line end. */
export const shownLines = (tail: LogTail): readonly string[] => (tail.lines.at(-1) === '' ? tail.lines.slice(0, -1) : tail.lines)
