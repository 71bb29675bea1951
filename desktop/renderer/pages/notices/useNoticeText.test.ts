import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { defineComponent } from 'vue'
import type { Notice } from '#shared/collections/notice.schema.ts'
import { createWords } from '../../words/languages.ts'
import { useNoticeText } from './useNoticeText.ts'

const words = createWords()
const blocked = (details: Notice['details'], code = 'NODE_BLOCKED'): Notice => ({
  ...{ id: 'n', ownerId: 'owner', updatedAt: 1, at: 1, code, severity: 'problem', nodeId: 'node-1' },
  details: { name: 'Attic', ...details },
})
function textOf(notice: Notice): string {
  let text = ''
  const Says = defineComponent({
    setup() {
      text = useNoticeText()(notice, 'Attic')
      return () => null
    },
  })
  mount(Says, { global: { plugins: [words.plugin] } }).unmount()
  return text
}

it('says what was seen of a block in the words of the language, and nothing where the node did not say', async () => {
  const seen = { percent: 64, limit: 30, ms: 60_000, program: 'game <b>.exe' }
  expect(textOf(blocked({ seen, evidence: 'percent: 64' }))).toMatch(
    /Seen: Its load on the card: 64 %, Allowed: 30 %, For at least: 60 s, Program: game <b>.exe$/,
  )
  await words.show('es')
  expect(textOf(blocked({ seen }, 'NODE_BLOCK_CONTESTED'))).toMatch(/Visto: Su carga en la tarjeta: 64 %/)
  await words.show('en')
  // As a server of an older version says it.
  expect(textOf(blocked({ evidence: 'percent: 64' }))).toMatch(/Seen: percent: 64$/)
  for (const details of [{}, { evidence: '' }, { seen: {} }, { seen: 'what' }, { seen: [null] }])
    expect(textOf(blocked(details))).toMatch(/contest it on its page\.$/)
})

it('says what was paid out, exactly, and where the transfer is found', async () => {
  await words.show('en')
  expect(textOf(blocked({ netMicro: 12_345_678, reference: '0xabc' }, 'PAYOUT'))).toBe(
    '12.345678 PICTOR were paid out to your wallet address (0xabc).',
  )
})

it('says why a job failed in the words of the language; of an older server in its own', async () => {
  const because = { code: 'SCENE_MISSING_FILES', message: 'The scene uses files that are not there: a.png.', details: { files: 'a.png' } }
  const failed = (details: Notice['details']) => textOf(blocked({ failed: 2, total: 9, reason: because.message, ...details }, 'JOB_FAILED'))
  await words.show('es')
  expect(failed({ because })).toContain('a.png')
  expect(failed({ because })).not.toContain('The scene')
  expect(failed({})).toContain(because.message)
  for (const wrong of [null, 'x', [], { code: 1 }, { code: 'x' }]) expect(failed({ because: wrong })).toContain(because.message)
  await words.show('en')
  expect(failed({ because })).toContain(because.message)
})
