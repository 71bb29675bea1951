import { counted, outputFixtures, parseCut, understood, type OutputFixture } from '../desktop/runtime/engines/output/testing/countOutput.ts'
import { compareInTurns } from './median.ts'
import type { BenchRow } from './row.ts'

const rounds = 9
/** Of one turn: long enough for a clock, short enough for a bench. */
const turnMs = 300

/** What is counted of a log: as many of each as the words in it say. */
const asked = ['frames', 'progress', 'remaining', 'memory', 'saved'] as const
type Counts = Record<(typeof asked)[number], number>

/**
 * How much of Blender's output is understood, dialect by dialect, and how fast. The peer reads what is commonly looked for in the output of 2.8x to
 * 4.x: expressions that begin at the start of a line, without the second dialect.
 */
export function benchParser({ short = false } = {}): BenchRow[] {
  const logs = outputFixtures().filter(({ name }) => !name.includes('error'))
  const dialects: Array<[string, OutputFixture[]]> = [
    ['2.8x to 4.x', logs.filter(({ name }) => Number.parseInt(name, 10) < 5)],
    ['5.x', logs.filter(({ name }) => Number.parseInt(name, 10) >= 5)],
  ]
  return [
    ...dialects.map(([dialect, of]) => understoodRow(dialect, of)),
    speedRow(logs.map(({ text }) => text).join('\n'), short ? 3 : rounds),
  ]
}

function understoodRow(dialect: string, logs: readonly OutputFixture[]): BenchRow {
  const share = (read: (text: string) => Counts): number => {
    const [found, there] = [{ sum: 0 }, { sum: 0 }]
    for (const { text } of logs) {
      const [ours, wanted] = [read(text), numbers(counted(text))]
      for (const what of asked) {
        there.sum += wanted[what]
        found.sum += Math.min(ours[what], wanted[what])
      }
    }
    return (found.sum / Math.max(1, there.sum)) * 100
  }
  const ours = share((text) => numbers(understood(parseCut(text, []))))
  const peerValue = share(usualWay)
  const origins = (['recorded', 'public', 'constructed'] as const).map(
    (origin) => `${logs.filter((one) => one.origin === origin).length} ${origin}`,
  )
  return {
    ...{ what: `Blender output of ${dialect}: frames, progress, remaining, memory, saved`, goal: '100 %', ours, unit: '%' },
    ...{ peer: 'expressions for 2.8x to 4.x', peerValue, ratio: peerValue === 0 ? null : ours / peerValue, reached: ours === 100 },
    note: origins.join(', '),
  }
}

function speedRow(text: string, turns: number): BenchRow {
  const lines = text.split('\n').length
  const [ours, peer]: [number[], number[]] = [[], []]
  for (let turn = 0; turn < turns; turn += 1) {
    ours.push(linesPerSecond(lines, () => parseCut(text, [])))
    peer.push(linesPerSecond(lines, () => usualWay(text)))
  }
  const compared = compareInTurns(ours, peer)
  return {
    ...{ what: 'Blender output read, from bytes to facts', goal: '≥ 100,000 lines/s: Blender says a few hundred', unit: 'lines/s' },
    ...{ ours: compared.ours, peer: 'expressions for 2.8x to 4.x', peerValue: compared.peer, ratio: compared.ratio },
    reached: compared.ours >= 100_000,
  }
}

function linesPerSecond(lines: number, read: () => unknown): number {
  const began = performance.now()
  let times = 0
  while (performance.now() - began < turnMs) {
    read()
    times += 1
  }
  return (lines * times * 1_000) / (performance.now() - began)
}

const numbers = ({ frames, ...others }: ReturnType<typeof counted>): Counts => ({ ...others, frames: frames.length })

/** What other renderers' managers look for, all in one: each fact only where the line begins as it did until 4.x. */
function usualWay(text: string): Counts {
  const frames = new Set<number>()
  const found: Counts = { frames: 0, progress: 0, remaining: 0, memory: 0, saved: 0 }
  for (const line of text.split(/\r?\n/)) {
    const stats = /^Fra:(-?\d+) Mem:([\d.]+)([MGK])/.exec(line)
    if (stats !== null) {
      frames.add(Number(stats[1]))
      found.memory += 1
      if (/Remaining:(\d+:)?\d+:\d+\.\d+/.test(line)) found.remaining += 1
      if (/(?:Sample|Tile) (\d+)\/(\d+)|Rendering (\d+) \/ (\d+) samples|Rendered (\d+)\/(\d+) Tiles/.test(line)) found.progress += 1
    }
    if (/^Saved: '(.*)'/.test(line)) found.saved += 1
  }
  return { ...found, frames: frames.size }
}
