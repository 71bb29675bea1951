import { mount } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'
import type { Job, JobState } from '#shared/collections/job.schema.ts'
import { dataKey, type DataLink } from '../../data/dataLink.ts'
import { createWords } from '../../words/languages.ts'
import JobActions from './JobActions.vue'

// The library's dialog needs its build plugin; no test here opens one.
vi.mock('../../ui/Dialog.vue', () => ({ default: { render: () => null } }))

const nowMs = 1_790_000_000_000

function actions(state: Partial<JobState>, job: Partial<Job> = {}) {
  const edits: unknown[] = []
  // Only what the buttons use of the page's link.
  const data = { edit: async (...given: unknown[]) => void edits.push(given), peerNow: () => nowMs } as unknown as DataLink
  const wrapper = mount(JobActions, {
    props: {
      job: { id: 'job-1', wanted: 'run', retryGeneration: 2, ...job } as Job,
      state: { failed: 0, accepted: 3, finishedAt: nowMs, handled: { retryGeneration: 2 }, ...state } as JobState,
    },
    global: { plugins: [createWords().plugin], provide: { [dataKey as symbol]: data }, stubs: { Icon: true } },
  })
  return { edits, retry: wrapper.find('[data-testid=retry-job]'), pause: wrapper.find('[data-testid=pause-job]') }
}

describe('JobActions', () => {
  it('offers to try failed frames again while the rest still renders, beside pausing', async () => {
    const { edits, retry, pause } = actions({ state: 'rendering', failed: 2 })
    expect(pause.exists()).toBe(true)
    await retry.trigger('click')
    expect(edits).toEqual([['jobs', 'job-1', { retryGeneration: 3 }]])
  })
  it('does not ask twice before the server has carried it out', () => {
    expect(actions({ state: 'rendering', failed: 2 }, { retryGeneration: 3 }).retry.attributes()).toHaveProperty('disabled')
  })
  it('does not offer what is in the archive, and says why', () => {
    const { retry } = actions({ state: 'failed', failed: 1, finishedAt: nowMs - 400 * 86_400_000 })
    expect(retry.attributes()).toHaveProperty('disabled')
    expect(retry.attributes('title')).toContain('archive')
  })
  it('offers it for what failed in the end, and for nothing else', () => {
    expect(actions({ state: 'failed', failed: 1 }).retry.classes()).toContain('main')
    for (const state of ['done', 'cancelled'] as const) expect(actions({ state }).retry.exists()).toBe(false)
    expect(actions({ state: 'cancelled', failed: 1 }).retry.exists()).toBe(false)
    expect(actions({ state: 'rendering', failed: 1 }, { wanted: 'cancelled' }).retry.exists()).toBe(false)
  })
})
