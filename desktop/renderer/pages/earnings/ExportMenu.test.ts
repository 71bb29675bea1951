import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { h, shallowRef, type Slots } from 'vue'
import type { Earning } from '#shared/collections/earning.schema.ts'
import { appError } from '#shared/errors/appError.ts'
import { err, ok } from '#shared/result.ts'
import { dataKey, type DataLink } from '../../data/dataLink.ts'
import { toastsKey, createToasts } from '../../frame/toasts.ts'
import { createWords } from '../../words/languages.ts'
import ExportMenu from './ExportMenu.vue'
import { askedOf, filterLedger, openFilter, sumLedger, type LedgerFilter } from './ledger.ts'

// The dialog's frame is generated when the page is built; what stands in it is this test's.
vi.mock('../../ui/Dialog.vue', () => ({
  default: {
    props: ['title'],
    emits: ['close'],
    setup:
      (_: object, { slots }: { slots: Slots }) =>
      () =>
        h('div', [slots['default']?.(), slots['foot']?.()]),
  },
}))

/** A ledger that is larger than what a page holds, newest first; two entries share each instant. */
const ledger = Array.from({ length: 7_300 }, (_, index): Earning => {
  const number = 7_300 - index
  return {
    ...{ id: `task-${String(number).padStart(5, '0')}:network`, ownerId: 'owner-1', updatedAt: 0, taskId: `task-${number}` },
    ...{ nodeId: `node-${number % 3}`, jobId: `job-${number % 7}`, jobName: `Job ${number % 7}`, kind: 'network', frames: 1 },
    ...{ grossMicro: number + 1, feeMicro: 1, netMicro: number, state: number % 5 === 0 ? 'pending' : 'final' },
    ...{ createdAt: new Date(2026, 2, 1).getTime() + Math.floor(number / 2) * 600_000, stateChangedAt: 0 },
  }
})
const held = ledger.slice(0, 3_000)
let saved: Blob[] = []
let asked: unknown[] = []

beforeEach(() => {
  saved = []
  asked = []
  vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => `blob:${saved.push(blob as Blob)}`)
  vi.spyOn(URL, 'revokeObjectURL').mockReturnValue()
})
afterEach(() => {
  vi.restoreAllMocks()
  document.body.innerHTML = ''
})

/** Answers `documents.page` as the gateway does. @param breaksAfter so many pages are answered */
function open(filter: LedgerFilter, { live = true, breaksAfter = Number.POSITIVE_INFINITY } = {}) {
  const call = async (_name: string, input: { nodeId?: string; before?: { at: number; id: string }; limit: number }) => {
    asked.push(input)
    if (asked.length > breaksAfter) return err(appError('SERVER_UNREACHABLE', { server: 'peer' }))
    const { nodeId, before, limit } = input
    const rest = ledger.filter(
      (entry) =>
        (nodeId === undefined || entry.nodeId === nodeId) &&
        (before === undefined || entry.createdAt < before.at || (entry.createdAt === before.at && entry.id < before.id)),
    )
    return ok({ documents: rest.slice(0, limit), more: rest.length > limit })
  }
  // Safe: the menu uses nothing else of the link.
  const data = {
    place: 'gateway',
    connection: shallowRef({ name: live ? 'live' : 'offline' }),
    call,
    peerNow: () => 0,
  } as unknown as DataLink
  const fits = filterLedger(ledger, filter)
  const wrapper = mount(ExportMenu, {
    props: { entries: filterLedger(held, filter), asked: askedOf(filter), total: fits.length, isHere: false, nameOf: (id: string) => id },
    global: { plugins: [createWords().plugin], provide: { [dataKey as symbol]: data, [toastsKey as symbol]: createToasts() } },
    attachTo: document.body,
  })
  return { wrapper, fits }
}
const press = (wrapper: ReturnType<typeof open>['wrapper'], name: string) => wrapper.get(`[data-testid="${name}"]`).trigger('click')
async function savedText(): Promise<string> {
  await vi.waitFor(() => expect(saved).toHaveLength(1))
  return (await saved[0]?.text()) ?? ''
}

it('exports every entry that fits, also those the page does not hold, and the sums are the ledger’s', async () => {
  for (const filter of [
    openFilter,
    { ...openFilter, nodeId: 'node-1' },
    { ...openFilter, state: 'pending' as const, from: '2026-03-05', to: '2026-03-09' },
  ]) {
    saved = []
    const { wrapper, fits } = open(filter)
    expect(fits.length).toBeGreaterThan(100)
    await press(wrapper, 'export-json')
    const file = JSON.parse(await savedText()) as { entries: { entry: string }[]; complete: boolean; entryCount: number; totals: object }
    expect(file.entries.map(({ entry }) => entry)).toEqual(fits.map(({ id }) => id))
    expect(file).toMatchObject({ complete: true, entryCount: fits.length })
    const cents = (micro: bigint): string => `${micro / 1_000_000n}.${String(micro % 1_000_000n).padStart(6, '0')}`
    expect(file.totals).toMatchObject({ net_pictor: cents(sumLedger(fits).netMicro) })
    wrapper.unmount()
  }
})

it('writes the same entries as CSV, and can be ended on the way', async () => {
  const first = open(openFilter)
  await press(first.wrapper, 'export-csv')
  const lines = (await savedText()).trimEnd().split('\r\n')
  expect(lines).toHaveLength(ledger.length + 1)
  first.wrapper.unmount()

  saved = []
  asked = []
  const { wrapper } = open(openFilter)
  await press(wrapper, 'export-csv')
  await press(wrapper, 'export-cancel')
  await flushPromises()
  expect(saved).toHaveLength(0)
  expect(asked.length).toBeLessThan(7)
  expect(wrapper.find('[data-testid="export-csv"]').exists()).toBe(true)
  wrapper.unmount()
})

it.each([
  ['without a line', { live: false }],
  ['when the line breaks on the way', { breaksAfter: 2 }],
])('%s it says what a file would hold, and writes that only when it is wanted', async (_, line) => {
  const { wrapper } = open(openFilter, line)
  await press(wrapper, 'export-json')
  const dialog = await vi.waitFor(() => {
    const found = document.querySelector('[data-testid="export-partly"]')
    if (!found) throw new Error('no dialog')
    return found
  })
  expect(saved).toHaveLength(0)
  expect(dialog.textContent).toContain('3,000')
  expect(dialog.textContent).toContain('7,300')
  document.querySelector<HTMLElement>('[data-testid="export-here"]')?.click()
  const file = JSON.parse(await savedText()) as { complete: boolean; entryCount: number }
  expect(file).toMatchObject({ complete: false, entryCount: 3_000 })
  wrapper.unmount()
})
