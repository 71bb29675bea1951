import { flushPromises, mount } from '@vue/test-utils'
import { expect, it, vi } from 'vitest'
import { reactive } from 'vue'
import type { Notice } from '#shared/collections/notice.schema.ts'
import { createWords } from '../../words/languages.ts'
import NoticesPage from './NoticesPage.vue'

const notice = (id: string, at: number): Notice => ({
  ...{ id, ownerId: 'owner', updatedAt: at, at, code: 'JOB_DONE', severity: 'info' },
  details: { name: '<b>x</b>', frames: 2 },
})
const profile = reactive({ id: 'owner', noticesReadUpTo: 15 })
const edits: unknown[] = []
const lists = {
  notices: { documents: [notice('new', 30), notice('newer', 20), notice('old', 10)], loaded: true },
  profile: { documents: [profile], loaded: true },
}
vi.mock('../../data/dataLink.ts', () => ({
  useData: () => ({ edit: async (...given: unknown[]) => void edits.push(given) }),
  useDocuments: (name: keyof typeof lists) => lists[name],
  useDocument: () => ({ document: null, loaded: true }),
}))
// The library's popover in it needs its build plugin.
vi.mock('../../ui/PageHeader.vue', () => ({
  default: { props: ['line'], template: '<header>{{ line }}<slot name="action" /></header>' },
}))

const page = () =>
  mount(NoticesPage, {
    global: {
      plugins: [createWords().plugin],
      stubs: { Icon: true, SystemNoticesRow: true, RelativeTime: true, RouterLink: { template: '<a><slot /></a>' } },
    },
  })

it('says how many are new, and marks them read for every device of the owner', async () => {
  const shown = page()
  expect(shown.findAll('[data-testid=notice]')).toHaveLength(3)
  expect(shown.findAll('[data-testid=notice] .font-medium')).toHaveLength(2)
  expect(shown.get('header').text()).toContain('2')
  expect(shown.findAll('b'), 'a name is text').toEqual([])
  await shown.get('[data-testid=mark-read]').trigger('click')
  await flushPromises()
  expect(edits).toEqual([['profile', 'owner', { noticesReadUpTo: 30 }]])
})

it('shows as read what was read on another device', async () => {
  const shown = page()
  profile.noticesReadUpTo = 30
  await flushPromises()
  expect(shown.findAll('[data-testid=notice] .font-medium')).toHaveLength(0)
  expect(shown.find('[data-testid=mark-read]').exists()).toBe(false)
})
