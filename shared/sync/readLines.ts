import { limits } from './protocol.ts'

/** Hands out the lines of a text that comes in pieces, empty ones left out. Rejects when a line is larger than a message may be. */
export async function readLines(pieces: AsyncIterable<string>, onLine: (line: string) => void): Promise<void> {
  let rest: string[] = []
  let waiting = 0
  for await (const piece of pieces) {
    const parts = piece.split('\n')
    const last = parts.pop() ?? ''
    for (const part of parts) {
      const line = rest.join('') + part
      rest = []
      waiting = 0
      if (line.trim() !== '') onLine(line)
    }
    rest.push(last)
    waiting += last.length
    if (waiting > limits.messageBytes) throw new Error('an event is larger than a message may be')
  }
}
