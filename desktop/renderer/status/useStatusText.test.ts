import { mount } from '@vue/test-utils'
import { defineComponent } from 'vue'
import { expect, it } from 'vitest'
import type { JsonObject } from '#shared/json.ts'
import { statusReasons } from '#shared/rules/statusReasons.ts'
import type { Language } from '#shared/words/languages.ts'
import { createWords, loaders } from '../words/languages.ts'
import { useStatusText } from './useStatusText.ts'

const now = new Date('2026-11-27T10:00:00').getTime()
const end = now + 90 * 60_000

/** The sentences of holds, as a page in that language says them. */
async function speaker(language: Language): Promise<(code: string, details?: JsonObject) => string> {
  let textOf: ReturnType<typeof useStatusText> | null = null
  const page = defineComponent(() => {
    textOf = useStatusText()
    return () => null
  })
  const words = createWords()
  await words.show(language)
  mount(page, { global: { plugins: [words.plugin] } })
  return (code, details = {}) =>
    textOf?.({ status: 'offline', code, sinceMs: now, details, lineCutSinceMs: null, failedChecks: [] }, now) ?? ''
}

// Safe: the keys are languages.
it.each(['en', ...(Object.keys(loaders) as Language[])] as const)('%s: a hold that ends at a time says which', async (language) => {
  const say = await speaker(language)
  for (const code of ['SCHEDULE', 'REPEATED_FAILURES', 'PAUSED_HERE', 'PAUSED_BY_OWNER', 'FILES_NETWORK_HOURS', 'FILES_TRANSFER_QUOTA']) {
    const sentence = say(code, { untilMs: end })
    expect(sentence, code).toMatch(/\d/)
    expect(sentence, code).not.toMatch(/[{}]/)
  }
})

it('every other hold says what ends it', async () => {
  const say = await speaker('en')
  const nothing = ['NEVER_STARTED', 'QUIT', 'NOT_HEARD', 'NOT_HEARD_WHILE_RENDERING', 'PAUSED_HERE', 'PAUSED_BY_OWNER', 'SCHEDULE']
  for (const code of statusReasons.offline.filter((one) => !nothing.includes(one)))
    expect(say(code), code).toMatch(/resumes|goes on|tries again|then a new version/i)
})
