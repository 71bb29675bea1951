import { describe, expect, it } from 'vitest'
import { collections } from '#shared/collections/collections.ts'
import { statusReasons } from '#shared/rules/statusReasons.ts'
import { leaves } from '#shared/words/differences.ts'
import { createWords } from './languages.ts'
import { en } from './en.ts'

const own = leaves(en).filter(([key]) => !key.startsWith('errors.'))

describe('words', () => {
  it('have neither exclamation marks nor empty excuses', () => {
    for (const [key, text] of own) {
      expect(text, key).not.toContain('!')
      expect(text, key).not.toMatch(/something went wrong|oops|sorry/i)
    }
  })
  it('compile, every one of them', () => {
    const { global } = createWords().plugin
    for (const [key, text] of own) if (text !== '') expect(global.t(key, { n: 2 }, 2), key).not.toBe(key)
  })
  it('exist for every key the pages ask for in so many words', () => {
    const keys = new Set(own.map(([key]) => key))
    const sources = import.meta.glob<string>(['../**/*.{vue,ts}', '!../**/*.test.ts'], { query: '?raw', import: 'default', eager: true })
    expect(Object.keys(sources).length).toBeGreaterThan(50)
    for (const [file, source] of Object.entries(sources))
      for (const [, key = ''] of source.matchAll(/\bt\('([a-zA-Z]+\.[a-zA-Z.]+)'/g)) expect(keys.has(key), `${key} in ${file}`).toBe(true)
  })
  it('have a sentence for every reason of a status', () => {
    const keys = new Set(own.map(([key]) => key))
    const pauses = ['PAUSED_HERE', 'PAUSED_BY_OWNER']
    for (const code of Object.values(statusReasons).flat())
      expect(pauses.includes(code) || keys.has(`reason.${code}`) || keys.has(`status.sentence.${code}`), code).toBe(true)
  })
  it('know every state of jobs, tasks, runs and ledger entries', () => {
    const { global } = createWords().plugin
    const states = { jobState: collections.jobStates, runState: collections.runs } as const
    for (const [group, { schema }] of Object.entries(states)) {
      const options = (schema as unknown as { shape: { state: { options: string[] } } }).shape.state.options
      for (const option of options) expect(global.te(`${group}.${option}`), `${group}.${option}`).toBe(true)
    }
  })
})
