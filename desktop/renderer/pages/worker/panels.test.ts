import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import type { Component } from 'vue'
import type { AvoidedWork, Block, NodeDocument } from '#shared/collections/node.schema.ts'
import type { Worker } from '#shared/collections/worker.schema.ts'
import { dataKey, type DataLink } from '../../data/dataLink.ts'
import { createWords } from '../../words/languages.ts'
import type { FleetRow } from '../workers/fleet.ts'
import AvoidPanel from './AvoidPanel.vue'
import BlockPanel from './BlockPanel.vue'

const minuteMs = 60_000
const peerNow = 4_000_000_000_000
type Hold = NodeDocument['holds'][number]
type Wanted = Partial<Worker['wanted']>

function show(panel: Component, node: { avoided?: AvoidedWork[]; holds?: Hold[]; blocked?: Block }, wanted: Wanted = {}) {
  let worker = { id: 'worker-1', wanted: { generation: 4, pause: 'none', ...wanted } }
  // Only what the panels use of the page's link.
  const data = {
    peerNow: () => peerNow + 0.4,
    edit: (_collection: string, _id: string, changes: (now: typeof worker) => Partial<typeof worker>) => {
      worker = { ...worker, ...changes(worker) }
      return Promise.resolve()
    },
  } as unknown as DataLink
  const row = () => ({ worker, node: { holds: [], ...node } }) as unknown as FleetRow
  const wrapper = mount(panel, {
    props: { row: row() },
    global: {
      plugins: [createWords().plugin],
      provide: { [dataKey as symbol]: data },
      stubs: { Icon: true, RouterLink: { template: '<a><slot /></a>' } },
    },
  })
  return { wrapper, wanted: () => worker.wanted, refresh: () => wrapper.setProps({ row: row() }) }
}

describe('what a worker leaves to others', () => {
  const avoided = (since: number): AvoidedWork[] => [
    { sort: 'engine', value: 'CYCLES', name: 'CYCLES', code: 'OUT_OF_MEMORY', since, until: since + 10 * minuteMs },
  ]
  it('is shown with the reason, and may be tried again by one wish', async () => {
    const { wrapper, wanted, refresh } = show(AvoidPanel, { avoided: avoided(Date.now() - minuteMs) })
    expect(wrapper.text()).toContain('CYCLES')
    await wrapper.get('[data-testid=try-again]').trigger('click')
    expect(wanted()).toMatchObject({ generation: 5, tryAgainAt: peerNow })
    await refresh()
    expect(wrapper.find('[data-testid=try-again]').exists()).toBe(false)
    expect(wrapper.find('[data-testid=asked]').exists()).toBe(true)
  })
  it('may be asked again for what failed since the last wish', () => {
    const since = Date.now() - minuteMs
    expect(
      show(AvoidPanel, { avoided: avoided(since) }, { tryAgainAt: since - 1 })
        .wrapper.find('[data-testid=try-again]')
        .exists(),
    ).toBe(true)
  })
  it('is shown while the worker rests, and not otherwise', () => {
    const now = Date.now()
    const rest: Hold = { code: 'REPEATED_FAILURES', since: now, until: now + 10 * minuteMs }
    const resting = show(AvoidPanel, { holds: [rest] }).wrapper
    expect([resting.find('[data-testid=resting]').exists(), resting.find('[data-testid=try-again]').exists()]).toEqual([true, true])
    for (const node of [{}, { avoided: avoided(now - 20 * minuteMs) }, { holds: [{ code: 'SCHEDULE', since: now }] }])
      expect(show(AvoidPanel, node).wrapper.find('section').exists()).toBe(false)
  })
})

describe('a block', () => {
  const now = Date.now()
  const miner: Block = {
    ...{ code: 'MINER', since: now - minuteMs, until: now + 9 * minuteMs },
    evidence: { program: 'xmrig <b>', sign: 'pool port 3333', ms: 10_000, percent: 40, newer: 'what' },
  }
  it('shows what was seen, as text, and is contested with the time of that block', async () => {
    const { wrapper, wanted, refresh } = show(BlockPanel, { blocked: miner })
    expect(wrapper.get('[data-testid=block]').attributes('data-over')).toBe('false')
    expect(wrapper.get('dl').text()).toMatch(/xmrig <b>.*pool port 3333.*10 s.*40 %.*newer.*what/s)
    await wrapper.get('button').trigger('click')
    expect(wanted()).toMatchObject({ generation: 5, contest: { blockSince: miner.since, at: peerNow } })
    await refresh()
    expect(wrapper.find('button').exists()).toBe(false)
  })
  it('says when it was contested, stays for a week after its end, and goes', () => {
    expect(
      show(BlockPanel, { blocked: { ...miner, contestedAt: now } })
        .wrapper.find('[data-testid=contested]')
        .exists(),
    ).toBe(true)
    const ended = (days: number) =>
      show(BlockPanel, { blocked: { ...miner, since: 0, until: now - days * 86_400_000 } }).wrapper.find('section')
    expect([ended(1).attributes('data-over'), ended(8).exists()]).toEqual(['true', false])
    expect(show(BlockPanel, {}).wrapper.find('section').exists()).toBe(false)
  })
})
