import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import Said from './Said.vue'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('says once what a search brought, after it has settled, and nothing of what changes by itself', async () => {
  const said = mount(Said, { props: { text: '12 workers', cause: '' } })
  const heard: string[] = []
  const seen = new MutationObserver(() => heard.push(said.text()))
  seen.observe(said.element, { childList: true, characterData: true, subtree: true })
  const after = async (ms: number, props: Partial<{ text: string; cause: string }>) => {
    await said.setProps(props)
    await vi.advanceTimersByTimeAsync(ms)
  }
  await after(2_000, { text: '13 workers' })
  expect(said.attributes('role')).toBe('status')
  expect(said.text(), 'nobody asked').toBe('')
  for (const [cause, text] of [
    ['b', '9 workers'],
    ['be', '4 workers'],
    ['ber', '2 workers'],
  ] as const)
    await after(150, { cause, text })
  await after(2_000, {})
  // Workers come and go meanwhile.
  for (const text of ['3 workers', '2 workers', '5 workers']) await after(1_000, { text })
  expect(heard).toEqual(['2 workers'])
})
