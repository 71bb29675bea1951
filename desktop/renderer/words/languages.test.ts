import { describe, expect, it } from 'vitest'
import { differences, leaves } from '#shared/words/differences.ts'
import { en } from './en.ts'
import { languages, regionalTag, systemLanguage, type Language } from '#shared/words/languages.ts'
import { createWords, loaders } from './languages.ts'

/** Errors have a test of their own beside their words. */
const own = (words: typeof en): object => ({ ...words, errors: {} })

describe.each(Object.entries(loaders))('%s', (language, load) => {
  it('has exactly the keys and placeholders of English', async () => {
    expect(differences(own(en), own(await load()))).toEqual([])
  })
  it('is translated: what reads as in English is a name or a unit', async () => {
    const english = new Map(leaves(own(en)))
    const same = leaves(own(await load())).filter(([key, text]) => english.get(key) === text && /[a-z]{3,} [a-z]{3,}/.test(text))
    expect(same).toEqual([])
  })
  it('compiles, every sentence of it, and says it without exclamation marks', async () => {
    const words = createWords()
    await words.show(language as Language)
    expect(document.documentElement.lang).toBe(language)
    const { global } = words.plugin
    for (const [key, text] of leaves(own(await load()))) {
      if (text === '') continue
      expect(global.t(key, { n: 2 }, 2), key).not.toBe(key)
      expect(text, key).not.toMatch(/[!！¡]/)
    }
  })
})

describe('differences', () => {
  it('finds what is missing, superfluous or filled in differently', () => {
    expect(differences({ a: { b: '{n} of {m}', c: 'x' } }, { a: { b: '{n}', d: 'y' } })).toEqual([
      'a.c is missing',
      'a.d is superfluous',
      'a.b has {n} instead of {m} {n}',
    ])
  })
  it('lets languages count with different numbers of forms', () => {
    expect(differences({ a: '{n} frame | {n} frames' }, { a: '{n} 帧' })).toEqual([])
  })
})

describe('systemLanguage', () => {
  it('takes the first one that is spoken here', () => {
    expect(systemLanguage(['fr-FR', 'es-MX', 'en-US'])).toBe('es')
    expect(systemLanguage(['vi'])).toBe('vi')
    expect(systemLanguage(['fr-FR'])).toBe('en')
    expect(systemLanguage(['C', 'not a tag'])).toBe('en')
  })
  it('tells simplified from traditional characters', () => {
    expect(systemLanguage(['zh-CN'])).toBe('zh-Hans')
    expect(systemLanguage(['zh-SG'])).toBe('zh-Hans')
    expect(systemLanguage(['zh-TW', 'en-GB'])).toBe('en')
  })
  it('speaks each of its languages to those whose system speaks it', () => {
    for (const language of Object.keys(languages)) expect(systemLanguage([language])).toBe(language)
  })
})

describe('regionalTag', () => {
  it('finds the region of the chosen language', () => {
    expect(regionalTag('en', ['de-DE', 'en-GB', 'en-US'])).toBe('en-GB')
    expect(regionalTag('zh-Hans', ['zh-CN'])).toBe('zh-CN')
    expect(regionalTag('es', ['en-US'])).toBe('es')
  })
})
