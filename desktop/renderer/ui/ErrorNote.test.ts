import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { createWords } from '../words/languages.ts'
import ErrorNote from './ErrorNote.vue'

const note = (error: { code: string; message: string; details?: Record<string, string> }) =>
  mount(ErrorNote, { props: { error }, global: { plugins: [createWords().plugin] } })

describe('ErrorNote', () => {
  it('fills the sentence of the code with the facts, and shows the code small', () => {
    const text = note({ code: 'FRAMES_INVALID', message: '', details: { input: '1-x' } }).text()
    expect(text).toContain('The frames "1-x" cannot be read.')
    expect(text).toContain('FRAMES_INVALID')
  })
  it('shows what came with a code of a newer peer', () => {
    expect(note({ code: 'NEW_IN_2030', message: 'The moon is in the way.' }).text()).toContain('The moon is in the way.')
  })
  it('shows hostile text as text', () => {
    const wrapper = note({ code: 'SCENE_NOT_BLEND', message: '', details: { name: '<img src=x onerror=alert(1)>' } })
    expect(wrapper.find('img').exists()).toBe(false)
    expect(wrapper.text()).toContain('<img src=x onerror=alert(1)>')
  })
})
