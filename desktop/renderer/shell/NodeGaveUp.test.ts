import { flushPromises, mount } from '@vue/test-utils'
import { expect, it, vi } from 'vitest'
import { shallowRef } from 'vue'
import type { NodeProcess, ShellState } from '#shared/api/shellCalls.ts'
import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { createToasts, toastsKey } from '../frame/toasts.ts'
import { createWords } from '../words/languages.ts'
import NodeGaveUp from './NodeGaveUp.vue'

function setUp(answers: Record<string, Result<unknown>>) {
  const state = shallowRef<ShellState | null>(null)
  const call = vi.fn((name: string, _input: unknown) => Promise.resolve(answers[name]))
  const toasts = createToasts()
  const wrapper = mount(NodeGaveUp, {
    props: { shell: { state, call: call as never, stop: () => undefined } },
    global: { plugins: [createWords().plugin], provide: { [toastsKey as symbol]: toasts } },
  })
  return {
    ...{ wrapper, call, toasts },
    nodeIs: async (node: NodeProcess) => {
      state.value = { node } as ShellState
      await flushPromises()
    },
  }
}

it('is there only while the worker is given a rest, and starts it again', async () => {
  const { wrapper, call, nodeIs } = setUp({ 'node.startAgain': ok(null) })
  for (const state of ['up', 'down'] as const) {
    await nodeIs(state)
    expect(wrapper.find('[role=alert]').exists(), state).toBe(false)
  }
  await nodeIs('gaveUp')
  expect(wrapper.get('[role=alert]').text()).toContain('The worker does not stay up')
  const button = () => wrapper.get('[data-testid=start-node]')
  await button().trigger('click')
  expect(call).toHaveBeenCalledExactlyOnceWith('node.startAgain', {})
  expect(button().attributes('disabled'), 'one start at a time').toBeDefined()
  await nodeIs('up')
  expect(wrapper.find('[role=alert]').exists()).toBe(false)
  await nodeIs('gaveUp')
  expect(button().attributes('disabled')).toBeUndefined()
})

it('says why it cannot be started, and where the diagnostics are', async () => {
  const refused = err(appError('NOT_ALLOWED'))
  const { wrapper, toasts, nodeIs } = setUp({ 'node.startAgain': refused, 'diagnostics.export': ok({ path: '/home/ada/facts.txt' }) })
  await nodeIs('gaveUp')
  const [start, diagnostics] = wrapper.findAll('button')
  await start?.trigger('click')
  await flushPromises()
  expect(wrapper.get('[data-testid=error-note]').attributes('data-code')).toBe('NOT_ALLOWED')
  expect(start?.attributes('disabled')).toBeUndefined()
  await diagnostics?.trigger('click')
  await flushPromises()
  expect(wrapper.find('[data-testid=error-note]').exists()).toBe(false)
  expect(toasts.shown.value).toMatchObject([{ content: { text: 'Saved to /home/ada/facts.txt.' } }])
})
