import { describe, expect, it } from 'vitest'
import { appError } from '#shared/errors/appError.ts'
import { statusReasons } from '#shared/rules/statusReasons.ts'
import { differences, leaves } from '#shared/words/differences.ts'
import { en } from './en.ts'
import { es } from './es.ts'
import { speechIn } from './speech.ts'
import { vi } from './vi.ts'
import { zh } from './zh.ts'

describe('the words of the shell', () => {
  it.each(Object.entries({ es, vi, zh }))('%s has exactly the sentences of English, with the same placeholders', (_language, words) => {
    expect(differences(en, words)).toEqual([])
    expect(leaves(words).filter(([, text]) => /[!！]/.test(text))).toEqual([])
  })

  it('have a reason for every status that needs one', () => {
    // Nobody sees these in the tray of the computer itself.
    const silent = new Set(['NEVER_STARTED', 'NOT_HEARD', 'NOT_HEARD_WHILE_RENDERING'])
    const { offline, blocked, unsupported, terminated } = statusReasons
    const missing = [...offline, ...blocked, ...unsupported, ...terminated].filter((code) => !silent.has(code) && !(code in en.reasons))
    expect(missing).toEqual([])
  })
})

describe('the language', () => {
  it.each([
    ['system', ['de-DE', 'es-MX'], 'es'],
    ['system', ['zh-CN'], 'zh-Hans'],
    ['system', ['zh-TW', 'C'], 'en'],
    ['system', [], 'en'],
    ['vi', ['es'], 'vi'],
  ] as const)('%s on %j is %s', (choice, preferred, language) => expect(speechIn(choice, preferred).language).toBe(language))

  it('is also that of errors', () => {
    expect(speechIn('es', []).error(appError('CONFIG_EXPIRED', {}))).not.toBe(appError('CONFIG_EXPIRED', {}).message)
    expect(speechIn('en', []).error({ code: 'OF_LATER' as never, message: 'As it came.' })).toBe('As it came.')
  })
})

it.each([
  ['0', '0.00'],
  ['1', '0.00'],
  ['1000000', '1.00'],
  ['1999999', '1.9999'],
  ['123456789012345678', '123,456,789,012.3456'],
  ['-1500000', '-1.50'],
])('%s micro-PICTOR is %s', (micro, text) => expect(speechIn('en', []).money(micro)).toBe(text))
it('writes amounts as the language does', () => expect(speechIn('es', []).money('1250000')).toBe('1,25'))
