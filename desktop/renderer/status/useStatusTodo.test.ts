import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { defineComponent, h } from 'vue'
import type { StatusResult } from '#shared/rules/status.ts'
import { checkWords } from '#shared/words/checks.en.ts'
import { createWords } from '../words/languages.ts'
import { useStatusText, useStatusTodo } from './useStatusText.ts'

/** What the overview says of a worker that wants its owner. */
function said(code: string): string {
  const status: StatusResult = {
    ...{ status: 'unsupported', code, sinceMs: 0, details: { found: '2 GiB', wanted: '6 GiB', untilMs: 60_000 } },
    ...{ lineCutSinceMs: null, failedChecks: [] },
  }
  const Said = defineComponent(() => {
    const [textOf, todoOf] = [useStatusText(), useStatusTodo()]
    return () => h('p', `${textOf(status, 1_000)} ${todoOf(status) ?? ''}`)
  })
  return mount(Said, { global: { plugins: [createWords().plugin] } }).text()
}

/** Every reason for which a worker wants its owner (see needsAttention): failed checks, blocks, cuts, silence. */
const reasons = [
  ...Object.keys(checkWords),
  ...['FOREIGN_GPU_LOAD', 'FOREIGN_LOAD', 'MINER', 'MINER_FOUND'],
  ...['SLEEP', 'CRASH', 'UNCLEAN_STOP', 'POWER_LOSS', 'LEASE_EXPIRED', 'FORCED_UPDATE', 'DRIVER_LOST'],
  ...['NOT_HEARD', 'NOT_HEARD_WHILE_RENDERING', 'DISK_FULL', 'TOO_HOT'],
]
const advice =
  /\b(Add|Check|check|choose|Choose|Close|clean|End|Free|Install|install|Nothing to do|Put|read its log|Turn|Update|Use|use a|keep it awake|A larger card)\b/

it.each(reasons)('%s says what is the case and what to do', (code) => {
  const sentence = said(code)
  expect(sentence).not.toContain('Reason:')
  expect(sentence).toMatch(advice)
  // Nothing is said twice.
  const sentences = sentence.split(/(?<=\.)\s+/)
  expect(new Set(sentences).size).toBe(sentences.length)
})
