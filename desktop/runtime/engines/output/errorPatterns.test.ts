import { expect, test } from 'vitest'
import { appError } from '#shared/errors/appError.ts'
import { errorPatterns, matchError } from './errorPatterns.ts'
import { parseLine } from './parseLine.ts'

test.each(errorPatterns.flatMap(({ code, samples }) => samples.map((sample) => ({ code, sample }))))(
  '$code: $sample',
  ({ code, sample }) => {
    expect(matchError(sample)?.code).toBe(code)
  },
)

test('each pattern has a sample, and its details fill the sentence of its code', () => {
  for (const { code, samples } of errorPatterns) {
    expect(samples.length, code).toBeGreaterThan(0)
    const match = matchError(samples[0] ?? '')
    // What only the place of the failure knows is added there.
    expect(appError(code, { frame: 1, howTo: 'x', ...match?.details }).message, code).not.toMatch(/\{\w+\}/)
  }
})

test.each([
  'Read prefs: /root/.config/blender/userpref.blend',
  'EGL Error (0x3001): EGL_NOT_INITIALIZED: EGL is not initialized, or could not be initialized, for the specified EGL display connection.',
  'Managed to successfully fallback to surfaceless EGL rendering!',
  '/tmp/run/gvfs/ non-existent directory',
  "ALSA lib confmisc.c:767:(parse_card) cannot find card '0'",
  'TIFFWriteDirectorySec: Warning, Creating TIFF with legacy Deflate codec identifier, COMPRESSION_ADOBE_DEFLATE is more widely supported.',
  "OIIO DEBUG: Don't know what to do with true cycles.passes.0.lightgroup",
  'Info: Saved "scene.blend"',
  'Blender quit',
  '',
])('%j is no complaint', (line) => {
  expect(matchError(line)).toBeUndefined()
})

// With patterns that look back at the whole line each of these took a minute, in which the node did nothing else; the test would time out.
test.each(['\0', ' ', '1', 'x', "'", '.blend ', ' | ', 'Warning: ', 'kernel ', '00:00.1 render | ', 'CUDA '])(
  'a line full of %j says nothing, and is read at once',
  (piece) => {
    const line = piece.repeat(Math.ceil(65_536 / piece.length))
    expect(matchError(line)).toBeUndefined()
    expect(parseLine(line).kind).toBe('other')
  },
)
