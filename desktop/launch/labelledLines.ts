import { Transform } from 'node:stream'

/**
 * What a process prints, each line as JSON that says whose it is: several starts share one file. Lines of our own log get `process` and `pid`;
 * anything else (a crash of the engine, a native module) becomes the `msg` of such a line.
 */
export function labelledLines(name: string, pid: () => number | undefined): Transform {
  let rest = ''
  const label = (line: string): string => {
    const begin = `{"process":${JSON.stringify(name)},"pid":${pid() ?? 'null'}`
    return line.startsWith('{"') && line.endsWith('}') ? `${begin},${line.slice(1)}\n` : `${begin},"msg":${JSON.stringify(line)}}\n`
  }
  return new Transform({
    transform(chunk: Buffer | string, _encoding, done) {
      const lines = (rest + chunk.toString()).split('\n')
      rest = lines.pop() ?? ''
      done(null, lines.map((line) => (line === '' ? '' : label(line))).join(''))
    },
    flush(done) {
      done(null, rest === '' ? '' : label(rest))
    },
  })
}
