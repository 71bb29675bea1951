import { StringDecoder } from 'node:string_decoder'
import type { Readable } from 'node:stream'

/** A line longer than this is cut: whoever prints without end must not fill our memory. */
const longestLine = 64 * 1024

/** Calls back with every line of a stream, and with the rest at its end. */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  /** The beginning of the line was given out already; the rest of it is left out. */
  let skipping = false
  const take = (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (!skipping) onLine(line.slice(0, longestLine))
      skipping = false
    }
    if (rest.length <= longestLine) return
    if (!skipping) onLine(rest.slice(0, longestLine))
    skipping = true
    rest = ''
  }
  stream.on('data', (chunk: Buffer) => take(decoder.write(chunk)))
  stream.once('end', () => {
    take(decoder.end())
    if (rest !== '' && !skipping) onLine(rest)
  })
}
