import { expect, it } from 'vitest'
import { isConfigFile, readConfigFile } from './readConfigFile.ts'

const file = (text: string, name = 'attic.pictor.json') => ({ name, size: text.length, text: () => Promise.resolve(text) })

it.each([
  ['{', 'not JSON'],
  ['[]', 'unknown format'],
  ['{"format":"something else"}', 'format'],
  ['x'.repeat(70_000), 'too large'],
])('refuses %.30s: %s', async (text, reason) => {
  expect(await readConfigFile(file(text))).toMatchObject({ ok: false, error: { code: 'CONFIG_MALFORMED', details: { reason } } })
})

it('knows a config by its name', () => {
  expect(isConfigFile({ name: 'Attic.PICTOR.JSON' })).toBe(true)
  expect(isConfigFile({ name: 'scene.blend' })).toBe(false)
})
