import { StringDecoder } from 'node:string_decoder'

/** Longer lines are cut: nothing Blender says that matters is longer, and a hostile scene must not fill our memory. */
const lineLimit = 64 * 1024

/**
 * Turns a byte stream, cut anywhere (also inside a character or between CR and LF), into lines without their ends.
 * `end()` gives the rest that had no line end.
 */
export function createLineSplitter(): { push(chunk: Uint8Array): string[]; end(): string[] } {
  const decoder = new StringDecoder('utf8')
  let rest = ''

  const take = (text: string): string[] => {
    const pieces = (rest + text).split('\n')
    rest = (pieces.pop() ?? '').slice(0, lineLimit)
    return pieces.map(withoutCarriageReturn)
  }
  return {
    push: (chunk) => take(decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))),
    end: () => {
      const lines = take(decoder.end())
      if (rest !== '') lines.push(withoutCarriageReturn(rest))
      rest = ''
      return lines
    },
  }
}

const withoutCarriageReturn = (line: string) => line.slice(0, lineLimit).replace(/\r+$/, '')
