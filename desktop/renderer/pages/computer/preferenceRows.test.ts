import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { shallowRef } from 'vue'
import type { OwnPreferences, PreferencesByTag } from '#shared/collections/preferences.schema.ts'
import { createWords } from '../../words/languages.ts'
import { createPreferenceForm, preferenceFormKey } from './preferenceForm.ts'
import PreferenceRows from './PreferenceRows.vue'
import { withPreference } from './preferencesForm.ts'

function rows(byTag: PreferencesByTag = {}) {
  const own = shallowRef<OwnPreferences>({})
  const form = createPreferenceForm({
    ...{ own, byTag, tags: Object.keys(byTag), cores: 8, cards: [] },
    change: (name, value) => void (own.value = withPreference(own.value, name, value)),
  })
  const wrapper = mount(PreferenceRows, { global: { plugins: [createWords().plugin], provide: { [preferenceFormKey as symbol]: form } } })
  return { own, wrapper, row: (name: string) => wrapper.get(`[data-testid=preference-${name}]`) }
}

it('a number shows its field once it is ticked, in the unit that people use, and keeps it in ours', async () => {
  const { own, row } = rows()
  expect(row('ram').find('input[type=number]').exists()).toBe(false)
  await row('ram').get('input[type=checkbox]').setValue(true)
  expect(own.value).toEqual({ maxRamMiB: 8 * 1024 })
  const field = row('ram').get<HTMLInputElement>('input[type=number]')
  expect(field.element.value).toBe('8')
  await field.setValue('12')
  await field.trigger('change')
  expect(own.value).toEqual({ maxRamMiB: 12 * 1024 })
  await row('ram').get('input[type=checkbox]').setValue(false)
  expect(own.value).toEqual({})
})

it('what a tag says is shown as such; taken away here it is null, and leads back', async () => {
  const { own, row } = rows({ cellar: { cpuThreads: 2 } })
  expect(row('threads').get<HTMLInputElement>('input[type=number]').element.value).toBe('2')
  expect(row('threads').get('[data-testid=preference-source]').text()).toBe('From the tag cellar.')
  await row('threads').get('input[type=checkbox]').setValue(false)
  expect(own.value).toEqual({ cpuThreads: null })
  expect(row('threads').find('input[type=number]').exists()).toBe(false)
  await row('threads').get('[data-testid=preference-reset]').trigger('click')
  expect(own.value).toEqual({})
  expect(row('threads').find('input[type=number]').exists()).toBe(true)
})
