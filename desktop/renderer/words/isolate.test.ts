import { describe, expect, it } from 'vitest'
import { isolated } from './isolate.ts'
import { createWords } from './languages.ts'

const [lri, fsi, pdi, rlo] = ['\u2066', '\u2068', '\u2069', '\u202e']

describe('a value in a sentence', () => {
  it('is as it was, unless it turns the direction: what is copied has nothing that was not there', () => {
    for (const value of ['Rack 3', 'Käthes Rechner', '渲染节点 北京', '🎬', '', 7, null]) expect(isolated(value)).toBe(value)
  })
  it('is set apart when it is read from the right, or says that it is', () => {
    for (const name of ['מחשב', 'حاسوب', `exe${rlo}gpj.scr`, '𞤀𞤣𞤤𞤢𞤥']) expect(isolated(name)).toBe(fsi + name + pdi)
  })
  it('cannot end that by itself, nor leave open what it began', () => {
    expect(isolated(`a${pdi}${rlo}b`)).toBe(`${fsi}a${rlo}b${pdi}`)
    expect(isolated(`${lri}a`)).toBe(`${fsi}${lri}a${pdi}${pdi}`)
    // A sentence that stands in another one.
    const inner = isolated('מחשב')
    expect(isolated(`Given to ${inner}.`)).toBe(`${fsi}Given to ${inner}.${pdi}`)
  })
})

it('every sentence sets apart what it is filled with, by name, by place and when it counts', () => {
  const { global } = createWords().plugin
  global.mergeLocaleMessage('en', { probe: { named: '{name} was heard.', counted: '{n} of {name} | {n} of {name}', listed: '{0} it is.' } })
  const set = `${fsi}מחשב${pdi}`
  expect(global.t('probe.named' as never, { name: 'מחשב' })).toBe(`${set} was heard.`)
  expect(global.t('probe.counted' as never, { n: '2', name: 'מחשב' }, 2)).toBe(`2 of ${set}`)
  expect(global.t('probe.listed' as never, ['מחשב'])).toBe(`${set} it is.`)
  expect(global.t('probe.named' as never, { name: 'Rack 3' })).toBe('Rack 3 was heard.')
})
