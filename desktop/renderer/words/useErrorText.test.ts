import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { createWords } from './languages.ts'
import { useErrorText, type ShownError } from './useErrorText.ts'

function textOf(error: ShownError): string {
  const shown = { setup: () => ({ text: useErrorText()(error) }), template: '<p>{{ text }}</p>' }
  return mount(shown, { global: { plugins: [createWords().plugin] } }).text()
}

it('fills a sentence with its facts', () => {
  const details = { files: ['//wood.png', '//floor.exr'] }
  expect(textOf({ code: 'SCENE_MISSING_FILES', message: '', details })).toContain('not there: //wood.png, //floor.exr. Put')
})
it('never shows a gap: a list that is not there is left out, and else the sentence that came with it stands', () => {
  expect(textOf({ code: 'SCENE_MISSING_FILES', message: 'x' })).toContain('not there. Put')
  expect(textOf({ code: 'VRAM_TOO_SMALL', message: 'Found 2 GiB.' })).toBe('Found 2 GiB.')
  expect(textOf({ code: 'OF_A_LATER_VERSION', message: 'What it said.' })).toBe('What it said.')
})
