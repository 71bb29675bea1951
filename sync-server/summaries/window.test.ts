import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { GatewayInput } from '#shared/api/gatewayCalls.ts'
import type { Earning } from '#shared/collections/earning.schema.ts'
import type { CollectionName, Documents } from '#shared/collections/collections.ts'
import type { Result } from '#shared/result.ts'
import { addToTotals, noLedgerTotals, partOfEntry, type LedgerTotals } from '#shared/rules/ledgerTotals.ts'
import type { Checkpoint, PullReply } from '#shared/sync/protocol.ts'
import { dashboardWindows } from '#shared/sync/windows.ts'
import { seedServer } from '../entry.ts'
import type { GatewayContext } from '../gatewayContext.ts'
import { gatewayServices } from '../services.ts'
import { startTestGateway, type TestGateway } from '../testing/startTestGateway.ts'
import { forkStore } from '../testing/forkStore.ts'
import { quietLog, realClock, temporaryFolder } from '../testing/testTools.ts'

/** A farm with more tasks than a dashboard holds. */
const folder = temporaryFolder()
let at: TestGateway
let context: GatewayContext
let token: string
let ownerId: string
beforeAll(async () => {
  const couchPrefix = `pt${Math.random().toString(36).slice(2, 10)}-`
  const dataFolder = join(folder.path, 'gateway')
  const couchUrl = process.env['COUCHDB_URL'] ?? null
  const seeded = await seedServer(
    { dataFolder, couchUrl, couchPrefix, startStore: forkStore, log: quietLog, clock: realClock },
    { workers: 60, tasks: 4_200, days: 6, seed: 5, owner: 'Ada', password: 'correct horse', intoExisting: false },
  )
  if (!seeded.ok) throw new Error(seeded.error.message)
  ;({ ownerId } = seeded.value)
  const keep = (given: GatewayContext) => {
    context = given
    return { name: 'keep', start: async () => undefined, stop: async () => undefined }
  }
  at = await startTestGateway({ dataFolder, couchPrefix, services: [keep, ...gatewayServices] })
  const body = { name: 'Ada', password: 'correct horse', wantToken: true }
  ;({ token } = (await at.request<{ token: string }>('POST', '/api/session/password', { body })).body)
}, 120_000)
afterAll(async () => {
  await at.remove()
  folder.remove()
})

async function pull<Name extends CollectionName>(collection: Name, window: boolean, from: Checkpoint | null = null, limit = 700) {
  const documents = new Map<string, Documents[Name]>()
  let checkpoint = from
  for (;;) {
    const body = { collection, checkpoint, limit, ...(window ? { window } : {}) }
    const reply = (await at.request<Result<PullReply>>('POST', '/sync/pull', { token, body })).body
    if (!reply.ok) throw new Error(reply.error.message)
    for (const document of reply.value.documents as unknown as Documents[Name][]) documents.set(document.id, document)
    checkpoint = reply.value.checkpoint
    if (reply.value.documents.length < limit && reply.value.more !== true) return { documents: [...documents.values()], checkpoint }
  }
}

const tried = async (name: string, body: object, by: string) =>
  (await at.request<Result<unknown>>('POST', `/api/call/${name}`, { token: by, body })).body

test('a dashboard is given what goes on and the newest, whatever the size of a page', async () => {
  const { documents: all } = await pull('tasks', false)
  expect(all).toHaveLength(4_200)
  const newest = dashboardWindows.tasks?.newest ?? 0
  const inOrder = all.toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
  const wanted = new Set([...inOrder.slice(0, newest), ...all.filter(({ state }) => state === 'assigned')].map(({ id }) => id))
  for (const limit of [100, 700, 2_000]) {
    const { documents } = await pull('tasks', true, null, limit)
    expect(new Set(documents.map(({ id }) => id))).toEqual(wanted)
  }
  // A collection without a window comes whole.
  expect((await pull('workers', true)).documents).toHaveLength(60)
})

test('after its window a dashboard is told every change, of older documents too', async () => {
  const { documents, checkpoint } = await pull('earnings', true)
  const held = new Set(documents.map(({ id }) => id))
  const { documents: all } = await pull('earnings', false)
  const old = all.find(({ id }) => !held.has(id))
  if (!old) throw new Error('everything is held')
  await context.store.update(ownerId, 'earnings', old.id, (current) => current && { ...current, state: 'paid', stateChangedAt: Date.now() })
  const after = await pull('earnings', true, checkpoint)
  expect(after.documents.map(({ id, state }) => [id, state])).toEqual([[old.id, 'paid']])
})

test('older documents come page by page without a gap, of all or of one node or job', async () => {
  const { documents: all } = await pull('tasks', false)
  const pages = async (of: { nodeId?: string; jobId?: string }) => {
    const ids: string[] = []
    for (let before: { at: number; id: string } | undefined; ;) {
      const page = await at.call('documents.page', { collection: 'tasks', ...of, ...(before ? { before } : {}), limit: 300 }, token)
      const documents = page.documents as unknown as Documents['tasks'][]
      ids.push(...documents.map(({ id }) => id))
      const last = documents.at(-1)
      if (!page.more || !last) return ids
      before = { at: last.createdAt, id: last.id }
    }
  }
  const idsOf = (tasks: typeof all) => tasks.toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1)).map(({ id }) => id)
  expect(await pages({})).toEqual(idsOf(all))
  const [some] = all
  if (!some) throw new Error('no tasks')
  expect(await pages({ nodeId: some.nodeId })).toEqual(idsOf(all.filter(({ nodeId }) => nodeId === some.nodeId)))
  expect(await pages({ jobId: some.jobId })).toEqual(idsOf(all.filter(({ jobId }) => jobId === some.jobId)))
  const byId = await at.call('documents.page', { collection: 'tasks', ids: [some.id, 'not-there'], limit: 1 }, token)
  expect(byId.documents.map(({ id }) => id)).toEqual([some.id])
})

test('totals of the ledger are exact for every grouping and filter, in the days of the asked zone', async () => {
  const { documents: ledger } = await pull('earnings', false)
  const zone = 'Asia/Kathmandu'
  const dayOf = (ms: number) => new Date(ms + 20_700_000).toISOString().slice(0, 10)
  const keyOf = {
    all: () => '',
    day: (entry: Earning) => dayOf(entry.createdAt),
    worker: (entry: Earning) => entry.nodeId,
    job: (entry: Earning) => entry.jobId,
  }
  const times = ledger.map(({ createdAt }) => createdAt).toSorted((a, b) => a - b)
  const [some] = ledger
  if (!some) throw new Error('no ledger')
  const [fromMs = 0, toMs = 0] = [times[500], times[times.length - 700]]
  const filters: GatewayInput<'earnings.sums'>['filter'][] = [
    {},
    { fromMs, toMs },
    { fromMs: Date.parse('2020-01-01'), toMs: Math.ceil(toMs / 900_000) * 900_000 },
    { nodeId: some.nodeId },
    { jobId: some.jobId, nodeId: some.nodeId },
    { jobId: some.jobId, fromMs },
    { kind: 'selfRender' },
    { state: 'pending', toMs },
    { state: 'final', kind: 'network', nodeId: some.nodeId },
  ]
  let told = 0
  for (const filter of filters)
    for (const by of ['all', 'day', 'worker', 'job'] as const) {
      const fits = ledger.filter(
        (entry) =>
          entry.createdAt >= (filter.fromMs ?? 0) &&
          entry.createdAt < (filter.toMs ?? Infinity) &&
          (['nodeId', 'jobId', 'kind', 'state'] as const).every((field) => filter[field] === undefined || entry[field] === filter[field]),
      )
      const wanted = new Map<string, LedgerTotals>()
      for (const entry of fits) {
        const key = keyOf[by](entry)
        const totals = wanted.get(key) ?? noLedgerTotals()
        wanted.set(key, totals)
        addToTotals(totals, partOfEntry(entry))
      }
      const { groups, more } = await at.call('earnings.sums', { filter, by, zone }, token)
      expect(more).toBe(false)
      const given = new Map(groups.map(({ key, name: _name, count, frames, ...amounts }) => [key, { count, frames, ...bigints(amounts) }]))
      expect(given, `${by} ${JSON.stringify(filter)}`).toEqual(wanted)
      if (by === 'job')
        expect(groups.every(({ key, name }) => ledger.some((entry) => entry.jobId === key && entry.jobName === name))).toBe(true)
      told += groups.length
    }
  expect(told).toBeGreaterThan(100)
  const refused = await tried('earnings.sums', { filter: {}, by: 'day', zone: 'Nowhere/Land' }, token)
  expect(refused).toMatchObject({ ok: false, error: { code: 'REQUEST_INVALID' } })
})

test('the sums a dashboard is given are those of the ledger, to the micro', async () => {
  const { documents: ledger } = await pull('earnings', false)
  const { sums } = await at.call('earnings.totals', {}, token)
  for (const state of ['pending', 'final', 'paid', 'reversed'] as const)
    for (const kind of ['network', 'selfRender'] as const) {
      const entries = ledger.filter((entry) => entry.state === state && entry.kind === kind)
      const of = sums.filter((sum) => sum.state === state && sum.kind === kind)
      expect(of.reduce((sum, { entries: count }) => sum + count, 0)).toBe(entries.length)
      expect(of.reduce((sum, { netMicro }) => sum + BigInt(netMicro), 0n)).toBe(
        entries.reduce((sum, { netMicro }) => sum + BigInt(netMicro), 0n),
      )
    }
  const { documents: rollups } = await pull('rollups', false)
  const days = rollups.map(({ day }) => day).toSorted()
  const [fromDay = '', toDay = ''] = [days[0], days.at(-1)]
  const { nodes } = await at.call('fleet.totals', { fromDay, toDay }, token)
  const ofNodes = rollups.filter(({ nodeId, day }) => nodeId !== null && day < toDay)
  expect(new Set(nodes.map(({ nodeId }) => nodeId))).toEqual(new Set(ofNodes.map(({ nodeId }) => nodeId)))
  for (const { nodeId, networkNetMicro, tasksCompleted } of nodes) {
    const mine = ofNodes.filter((rollup) => rollup.nodeId === nodeId)
    expect(networkNetMicro).toBe(mine.reduce((sum, rollup) => sum + rollup.networkNetMicro, 0))
    expect(tasksCompleted).toBe(mine.reduce((sum, rollup) => sum + rollup.tasksCompleted, 0))
  }
})

test('what workers did is exact for any stretches of days or hours, by worker with all others as one, and by tag', async () => {
  const { documents: ledger } = await pull('earnings', false)
  const booked = ledger
    .map(partOfEntry)
    .reduce((sum, { isSelfRender, state, netMicro }) => sum + (isSelfRender || state === 'reversed' ? 0n : netMicro), 0n)
  let rollups: Documents['rollups'][] = []
  // What changed a moment ago is in the day documents a second later.
  await vi.waitFor(
    async () => {
      rollups = (await pull('rollups', false)).documents
      expect(rollups.reduce((sum, { nodeId, networkNetMicro }) => sum + (nodeId === null ? 0n : BigInt(networkNetMicro)), 0n)).toBe(booked)
    },
    { timeout: 30_000, interval: 200 },
  )
  const { documents: workers } = await pull('workers', false)
  const tagsOf = new Map(workers.map(({ id, tags }) => [id, tags.length === 0 ? [''] : tags]))
  const [dayMs, hourMs] = [86_400_000, 3_600_000]
  const days = rollups.map(({ day }) => Date.parse(day)).toSorted((a, b) => a - b)
  const [firstMs = 0, lastMs = 0] = [days[0], (days.at(-1) ?? 0) + dayMs]
  const steps = (from: number, count: number, step: number) => Array.from({ length: count + 1 }, (_, index) => from + index * step)
  const asked = [
    steps(firstMs - 2 * dayMs, 9, dayMs),
    [firstMs, firstMs + dayMs, lastMs],
    steps(firstMs + dayMs + 5 * hourMs, 40, hourMs),
    steps(lastMs - 30 * hourMs, 24, hourMs),
  ]
  const measures = {
    earnings: ['networkNetMicro', 'netMicroByHour'],
    frames: ['framesAccepted', 'framesByHour'],
    tasks: ['tasksCompleted', 'tasksCompletedByHour'],
  } as const
  let most = 0
  for (const bounds of asked)
    for (const measure of ['earnings', 'frames', 'tasks'] as const)
      for (const split of ['worker', 'tag'] as const) {
        const wanted = new Map<string, bigint[]>()
        const [sum, byHour] = measures[measure]
        for (const rollup of rollups) {
          if (rollup.nodeId === null) continue
          const parts = bounds.every((bound) => bound % dayMs === 0)
            ? [[Date.parse(rollup.day), rollup[sum]] as const]
            : (rollup[byHour] ?? []).map((value, hour) => [Date.parse(rollup.day) + hour * hourMs, value] as const)
          for (const [at, value] of parts) {
            const place = bounds.findLastIndex((bound) => bound <= at)
            if (place < 0 || at >= (bounds.at(-1) ?? 0)) continue
            for (const group of split === 'worker' ? [rollup.nodeId] : (tagsOf.get(rollup.nodeId) ?? [])) {
              const values = wanted.get(group) ?? bounds.slice(1).map(() => 0n)
              wanted.set(group, values)
              values[place] = (values[place] ?? 0n) + BigInt(value)
            }
          }
        }
        const total = (values: readonly bigint[]) => values.reduce((all, value) => all + value, 0n)
        const { groups, others, knownFromMs } = await at.call('fleet.activity', { measure, split, bounds, most: 6 }, token)
        const what = `${measure} by ${split} over ${bounds.length}`
        expect(knownFromMs).toBe(firstMs)
        for (const { key, values, total: given } of groups) {
          expect(values.map(BigInt), `${what}: ${key}`).toEqual(wanted.get(key) ?? bounds.slice(1).map(() => 0n))
          expect(BigInt(given)).toBe(total(values.map(BigInt)))
        }
        const totals = [...wanted.values()].map(total).toSorted((a, b) => (a > b ? -1 : 1))
        const shown = split === 'worker' && wanted.size > 6 ? 5 : Math.min(6, wanted.size)
        expect(groups.slice(0, shown).map(({ total: given }) => BigInt(given))).toEqual(totals.slice(0, shown))
        if (others !== null)
          expect(total(others.map(BigInt)) + groups.reduce((all, { total: given }) => all + BigInt(given), 0n)).toBe(total(totals))
        else expect(split === 'tag' || wanted.size <= 6).toBe(true)
        most = Math.max(most, wanted.size)
      }
  expect(most).toBeGreaterThan(20)
  for (const bounds of [[0, 0], [hourMs, 0], [0, 1], steps(5 * hourMs, 10, dayMs)])
    expect(await tried('fleet.activity', { measure: 'frames', split: 'tag', bounds, most: 6 }, token)).toMatchObject({
      ok: false,
      error: { code: 'REQUEST_INVALID' },
    })
})

test('a node is given pages and totals of its own and of nothing else', async () => {
  const { documents: ledger } = await pull('earnings', false)
  const node = await at.enrolNode(ownerId, 'asks')
  const { token: nodeToken } = (await node.signIn()).body
  const other = ledger.find(({ nodeId }) => nodeId !== node.nodeId)
  if (!other) throw new Error('no ledger')
  const mine = { ...other, id: 'task-of-asks:network', taskId: 'task-of-asks', nodeId: node.nodeId, netMicro: 77 }
  await context.store.update(ownerId, 'earnings', mine.id, () => mine)
  const sums = await at.call('earnings.sums', { filter: { nodeId: other.nodeId }, by: 'worker', zone: 'UTC' }, nodeToken)
  expect(sums.groups.map(({ key, count }) => [key, count])).toEqual([[node.nodeId, 1]])
  const pages = [{ limit: 500 }, { limit: 500, nodeId: other.nodeId }, { limit: 5, ids: [other.id, mine.id] }]
  for (const asked of pages) {
    const page = await at.call('documents.page', { collection: 'earnings', ...asked }, nodeToken)
    expect(page.documents.map(({ id }) => id)).toEqual([mine.id])
  }
  expect(await tried('documents.page', { collection: 'jobs', limit: 5 }, nodeToken)).toMatchObject({
    ok: false,
    error: { code: 'NOT_ALLOWED' },
  })
})

const bigints = <Name extends string>(amounts: Record<Name, string>): Record<Name, bigint> =>
  // Safe: every name keeps its value.
  Object.fromEntries(Object.entries<string>(amounts).map(([name, text]) => [name, BigInt(text)])) as Record<Name, bigint>
