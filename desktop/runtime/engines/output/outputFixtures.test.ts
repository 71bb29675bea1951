import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matchError } from './errorPatterns.ts'
import { createLineSplitter } from './lineSplitter.ts'
import { parseLine, type OutputLine } from './parseLine.ts'

const folder = new URL('./fixtures/', import.meta.url).pathname

type Origin = 'recorded' | 'public' | 'constructed'
const fixtures = readdirSync(folder).map((name) => {
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
function counted(text: string) {
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

function understood(parsed: OutputLine[]): ReturnType<typeof counted> {
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

function parseCut(text: string, cuts: number[]): OutputLine[] {
  const bytes = Buffer.from(text)
  const splitter = createLineSplitter()
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  const lines = places.slice(1).flatMap((end, index) => splitter.push(bytes.subarray(places[index], end)))
  return [...lines, ...splitter.end()].map((line) => parseLine(line))
}

test('each fixture says where it comes from', () => {
  expect(fixtures.filter(({ origin }) => origin === undefined).map(({ name }) => name)).toEqual([])
})

describe.each(fixtures.filter(({ name }) => !name.includes('error')))('$name ($origin)', ({ text }) => {
  test.each([
    ['LF', text],
    ['CRLF', text.replaceAll('\n', '\r\n')],
  ])('%s: every frame, progress, remaining time, memory and saved file is understood', (_ending, content) => {
    expect(understood(parseCut(content, []))).toEqual(counted(text))
  })

  test('cut anywhere in the byte stream it reads the same', () => {
    const whole = parseCut(text, [])
    const arbitrary = fc.array(fc.nat({ max: Buffer.byteLength(text) }), { maxLength: 60 })
    fc.assert(
      fc.property(arbitrary, fc.boolean(), (cuts, windows) => {
        expect(parseCut(windows ? text.replaceAll('\n', '\r\n') : text, cuts)).toEqual(whole)
      }),
      { numRuns: 25 },
    )
  })
})

/** What each failure must be called, in every version that was recorded. */
const wanted: Record<string, string> = {
  'error-no-display': 'DISPLAY_MISSING',
  'error-denoiser-lacking': 'SCENE_NEEDS_DENOISER',
  'error-engine-unknown': 'SCENE_ENGINE_UNKNOWN',
  'error-missing-scene': 'SCENE_UNREADABLE',
  'error-no-camera': 'SCENE_NO_CAMERA',
  'error-not-a-scene': 'SCENE_NOT_BLEND',
  'error-output-folder-missing': 'OUTPUT_UNWRITABLE',
  'error-output-in-a-file': 'OUTPUT_UNWRITABLE',
  'error-script-throws': 'BLENDER_SCRIPT_ERROR',
  'error-truncated-scene': 'SCENE_TRUNCATED',
  'error-gpu-memory': 'GPU_OUT_OF_MEMORY',
}
const failureOf = (name: string) => name.replace(/^\d+\.\d+-/, '').replace(/\.log$/, '')

const firstError = (text: string) =>
  text
    .split('\n')
    .filter((line) => parseLine(line).kind === 'other')
    .map((line) => matchError(line))
    .find((match) => match?.fatal)?.code

test.each(fixtures.filter(({ name }) => name.includes('error')))('$name ($origin) has its code', ({ name, text }) => {
  expect(firstError(text)).toBe(wanted[failureOf(name)])
  expect(firstError(text.replaceAll('\n', '\r\n'))).toBe(wanted[failureOf(name)])
})

test('what went well is never taken for an error', () => {
  for (const { name, text } of fixtures.filter((one) => !one.name.includes('error'))) expect(firstError(text), name).toBeUndefined()
})

test('proof and construction are counted apart', () => {
  const lines = { recorded: 0, public: 0, constructed: 0 }
  const files = { recorded: 0, public: 0, constructed: 0 }
  for (const { origin, text } of fixtures) {
    if (origin === undefined) continue
    files[origin] += 1
    lines[origin] += counted(text).stats + counted(text).saved
  }
  process.stdout.write(
    `Blender output: proven by ${files.recorded} recorded (${lines.recorded} lines) and ${files.public} public captures (${lines.public} lines); `,
  )
  process.stdout.write(`${files.constructed} constructed (${lines.constructed} lines) are no proof\n`)
  expect(files.recorded).toBeGreaterThanOrEqual(15)
  expect(files.public).toBeGreaterThanOrEqual(6)
})
