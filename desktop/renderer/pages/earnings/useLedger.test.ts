import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { defineComponent, reactive, ref, shallowRef } from 'vue'
import type { LedgerGroupSums } from '#shared/api/gatewayCalls.ts'
import type { Earning } from '#shared/collections/earning.schema.ts'
import { dashboardWindows } from '#shared/sync/windows.ts'
import { openFilter } from './ledger.ts'
import type { LedgerGrouping } from './ledgerGroups.ts'
import { useLedger, type Ledger } from './useLedger.ts'

const window = dashboardWindows.earnings?.newest ?? 0
const entry = (index: number): Earning => ({
  ...{ id: `t${index}:network`, ownerId: 'owner', updatedAt: 1, nodeId: 'node-1', taskId: `t${index}`, jobId: 'job-1', jobName: 'Job' },
  ...{ kind: 'network', frames: 1, grossMicro: 11, feeMicro: 1, netMicro: 10, state: 'final', createdAt: 1_000 + index, stateChangedAt: 1 },
})
const held = { documents: Array.from({ length: window }, (_, index) => entry(index)), loaded: true }
const connection = shallowRef({ name: 'live' })
/** Another each time: what was answered before is remembered. */
const hello = shallowRef({ ownerId: '' })
/** Questions that the server has not answered yet. */
const asked: { by: string; answer: (reply: unknown) => void }[] = []
vi.mock('../../data/dataLink.ts', () => ({
  useData: () => ({
    ...{ connection, place: 'gateway', hello, uplink: ref(null) },
    call: (_name: string, { by }: { by: string }) => new Promise((answer) => asked.push({ by, answer })),
  }),
  useDocuments: () => held,
}))
const sum = (key: string, count: number): LedgerGroupSums => ({
  ...{ key, name: '', count, frames: count, grossMicro: String(count * 11), feeMicro: String(count), netMicro: String(count * 10) },
  ...{ pendingMicro: '0', finalMicro: String(count * 10), selfRenderMicro: '0' },
})
const answer = async (by: string, groups: LedgerGroupSums[]) => {
  for (const question of asked.splice(0))
    question.answer({ ok: question.by === by, value: { groups, more: false }, error: { code: 'BUSY' } })
  await flushPromises()
}

let ledger: Ledger
const by = ref<LedgerGrouping>('entries')
const filter = reactive({ ...openFilter })
let unmount: () => void
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  localStorage.clear()
  hello.value = { ownerId: `${hello.value.ownerId}x` }
  by.value = 'entries'
  const Page = defineComponent({
    setup() {
      ledger = useLedger(filter, by, (id) => id)
      return () => null
    },
  })
  const page = mount(Page)
  unmount = () => page.unmount()
})
afterEach(() => {
  unmount()
  asked.length = 0
  connection.value = { name: 'live' }
  vi.useRealTimers()
})

it('says that totals are coming while the server is asked, and then the server’s', async () => {
  expect([ledger.totalsComing.value, ledger.all.value]).toEqual([true, null])
  await vi.advanceTimersByTimeAsync(5_000)
  await answer('all', [sum('', 1_000_000)])
  expect([ledger.totalsComing.value, ledger.isWhole.value]).toEqual([false, true])
  expect([ledger.totals.value.count, ledger.all.value?.netMicro]).toEqual([1_000_000, 10_000_000n])
  by.value = 'worker'
  await flushPromises()
  expect([ledger.groupsComing.value, ledger.totalsComing.value]).toEqual([true, false])
  // Nobody waits for a grouping because another was asked for a moment ago.
  await vi.advanceTimersByTimeAsync(1)
  await answer('worker', [sum('node-1', 999_000), sum('node-2', 1_000)])
  expect(ledger.groupsComing.value).toBe(false)
  expect(ledger.groups.value.map(({ key, totals }) => [key, totals.count])).toEqual([
    ['node-1', 999_000],
    ['node-2', 1_000],
  ])
  by.value = 'job'
  await flushPromises()
  expect([ledger.groupsComing.value, ledger.groups.value.length]).toEqual([true, 1])
  await vi.advanceTimersByTimeAsync(1)
  await answer('job', [sum('job-1', 600_000), sum('job-2', 400_000)])
  expect([ledger.groupsComing.value, ledger.groups.value.length]).toEqual([false, 2])
})

it('shows what is here as the part that it is, when no answer comes or nobody can be asked', async () => {
  by.value = 'job'
  await vi.advanceTimersByTimeAsync(9_000)
  expect([ledger.totalsComing.value, ledger.groupsComing.value]).toEqual([true, true])
  await vi.advanceTimersByTimeAsync(2_000)
  expect([ledger.totalsComing.value, ledger.groupsComing.value, ledger.isWhole.value]).toEqual([false, false, false])
  expect(ledger.groups.value.map(({ totals }) => totals.count)).toEqual([window])
  by.value = 'day'
  await flushPromises()
  expect(ledger.groupsComing.value).toBe(false)
  connection.value = { name: 'offline' }
  await flushPromises()
  expect([ledger.groupsComing.value, ledger.all.value?.count]).toEqual([false, window])
})
