import { describe, expect, it } from 'vitest'
import { words as en } from './en.ts'
import { words as es } from './es.ts'
import { words as vi } from './vi.ts'
import { words as zh } from './zh.ts'

const placeholders = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort()

describe('the words of errors', () => {
  it.each(Object.entries({ es, vi, zh }))('%s has exactly the sentences of English, with the same placeholders', (_language, words) => {
    const sentences: Record<string, string> = words.errors
    expect(Object.keys(sentences).sort()).toEqual(Object.keys(en.errors).sort())
    for (const [code, english] of Object.entries(en.errors)) {
      expect(placeholders(sentences[code] ?? ''), code).toEqual(placeholders(english))
      expect(sentences[code], code).not.toContain('!')
      expect(sentences[code], code).not.toContain('！')
    }
  })
})
