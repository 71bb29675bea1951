import { readdirSync, readFileSync } from 'node:fs'
import { createLineSplitter } from '../lineSplitter.ts'
import { parseLine, type OutputLine } from '../parseLine.ts'

export type Origin = 'recorded' | 'public' | 'constructed'

export interface OutputFixture {
  name: string
  /** Absent where its first line does not say it. */
  origin: Origin | undefined
  text: string
}

const folder = new URL('../fixtures/', import.meta.url).pathname

/** Logs of Blender, each with a first line that says where it comes from. */
export const outputFixtures = (): OutputFixture[] =>
  readdirSync(folder).map((name) => {
    const [header = '', ...lines] = readFileSync(folder + name, 'utf8').split('\n')
    const origin: Origin | undefined = header.startsWith('# recorded here: ')
      ? 'recorded'
      : /^# public capture: .*https:\/\//.test(header)
        ? 'public'
        : header.startsWith('# constructed from ')
          ? 'constructed'
          : undefined
    return { name, origin, text: lines.join('\n') }
  })

/** What stands in a log, counted by looking for bare words: independent of the parser. */
export function counted(text: string) {
  const lines = text.split('\n')
  const stats = lines.filter((line) => /(^|\| )Fra: ?-?\d/.test(line))
  return {
    frames: [...new Set(stats.map((line) => Number(/Fra: ?(-?\d+)/.exec(line)?.[1])))],
    stats: stats.length,
    remaining: stats.filter((line) => /Remaining: ?\d\d:\d\d/.test(line)).length,
    memory: stats.filter((line) => /Mem: ?\d/.test(line)).length,
    progress: stats.filter((line) => /Sample \d+\/\d+$|Sample \d+\/\d+, Den|\d+ \/ \d+ samples|\d+\/\d+ Tiles|Tile \d+\/\d+/.test(line))
      .length,
    saved: lines.filter((line) => line.includes("Saved: '")).length,
    times: lines.filter((line) => line.includes('(Saving: ')).length,
    skipped: lines.filter((line) => /skipping existing/i.test(line)).length,
  }
}

/** The same, as the parser says it. */
export function understood(parsed: readonly OutputLine[]): ReturnType<typeof counted> {
  const stats = parsed.filter((line) => line.kind === 'stats')
  const kinds = (kind: OutputLine['kind']) => parsed.filter((line) => line.kind === kind).length
  return {
    frames: [...new Set(stats.map((line) => line.frame))],
    stats: stats.length,
    remaining: stats.filter((line) => line.remainingMs !== undefined).length,
    memory: stats.filter((line) => line.memMiB !== undefined).length,
    progress: stats.filter((line) => line.fraction !== undefined && line.status !== 'Finished').length,
    saved: kinds('saved'),
    times: kinds('frameTime'),
    skipped: kinds('skipped'),
  }
}

/** A log as it comes out of a pipe, cut at these places. */
export function parseCut(text: string, cuts: readonly number[]): OutputLine[] {
  const bytes = Buffer.from(text)
  const splitter = createLineSplitter()
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  const lines = places.slice(1).flatMap((end, index) => splitter.push(bytes.subarray(places[index], end)))
  return [...lines, ...splitter.end()].map((line) => parseLine(line))
}
