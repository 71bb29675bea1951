import { mount } from '@vue/test-utils'
import { expect, it, vi } from 'vitest'
import { h, type Slots } from 'vue'
import type { Earning } from '#shared/collections/earning.schema.ts'
import { finalAt } from '#shared/rules/settlement.ts'
import { createWords } from '../../words/languages.ts'
import EntryDialog from './EntryDialog.vue'

// The dialog's frame is generated when the page is built; what stands in it is this test's.
vi.mock('../../ui/Dialog.vue', () => ({
  default: {
    setup:
      (_: object, { slots }: { slots: Slots }) =>
      () =>
        h('div', [slots['default']?.(), slots['foot']?.()]),
  },
}))

const entry = (changes: Partial<Earning>): Earning => ({
  ...{ id: 'task-1:network', ownerId: 'owner-1', updatedAt: 0, taskId: 'task-1', nodeId: 'node-1', jobId: 'job-1', jobName: 'Demo' },
  ...{ kind: 'network', frames: 1, grossMicro: 10, feeMicro: 1, netMicro: 9, state: 'pending' },
  ...{ createdAt: new Date(2026, 10, 24, 12).getTime(), stateChangedAt: 0 },
  ...changes,
})
const textOf = (shown: Earning): string =>
  mount(EntryDialog, {
    props: { entry: shown, nameOf: () => 'Workshop' },
    global: { plugins: [createWords().plugin], stubs: { RouterLink: true } },
  })
    .get('[data-testid="entry"]')
    .text()

it('a pending entry says on which day it becomes final; a paid one says under which reference it was paid', () => {
  expect(new Date(finalAt(entry({}))).getDate()).toBe(27)
  expect(textOf(entry({}))).toMatch(/The check ends on .*27/)
  expect(textOf(entry({ state: 'final' }))).not.toContain('The check ends')
  expect(textOf(entry({ state: 'paid', reason: 'tx-77' }))).toContain('tx-77')
})
