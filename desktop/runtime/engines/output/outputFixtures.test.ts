import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matchError } from './errorPatterns.ts'
import { parseLine } from './parseLine.ts'
import { counted, outputFixtures, parseCut, understood } from './testing/countOutput.ts'

const fixtures = outputFixtures()

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
  expect(files.recorded).toBeGreaterThanOrEqual(60)
  expect(files.public).toBeGreaterThanOrEqual(6)
})
