import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { collections, collectionNames, type CollectionName, type Documents } from '#shared/collections/collections.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import type { Result } from '#shared/result.ts'
import type { PullReply } from '#shared/sync/protocol.ts'
import { seedServer, type SeedOptions } from '../entry.ts'
import type { GatewayContext } from '../gatewayContext.ts'
import type { ProjectionStore } from '../projection/projection.ts'
import { deleteDatabases, startTestGateway } from '../testing/startTestGateway.ts'
import { forkStore } from '../testing/forkStore.ts'
import { quietLog, realClock, temporaryFolder } from '../testing/testTools.ts'
import { taskProjectors } from '../taskServices.ts'
import { seedRows } from './seedRows.ts'
import type { SeedPlan, SeedRow } from './seedTypes.ts'

const cleanUp: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const each of cleanUp.splice(0).reverse()) await each()
})

const pictures = [{ sha256: 'ab'.repeat(32), sizeBytes: 1_000, width: 64, height: 36, bytes: Buffer.alloc(0) }]
const plan: SeedPlan = { workers: 40, tasks: 600, days: 10, seed: 3, nowMs: 1_800_000_000_000, ownerId: 'owner-a', customerId: 'owner-b' }
const made = [...seedRows(plan, pictures)]
function pick<Name extends CollectionName>(rows: readonly SeedRow[], name: Name): Documents[Name][] {
  // Safe: a row's document is of its collection.
  return rows.flatMap((row) => (row.collection === name ? [row.document as Documents[Name]] : []))
}
const acceptedOf = (tasks: readonly Task[]): number =>
  tasks.reduce((sum, task) => sum + Object.values(task.verdicts).filter(({ verdict }) => verdict === 'accepted').length, 0)

test('the same numbers make the same world, of documents that their schemas take', () => {
  expect([...seedRows(plan, pictures)]).toEqual(made)
  expect([...seedRows({ ...plan, seed: 4 }, pictures)]).not.toEqual(made)
  for (const { collection, document } of made)
    if (collection !== 'chunks') expect(collections[collection].schema.safeParse(document).error).toBeUndefined()
})

test.each([
  [1, 1, 1],
  [3, 40, 30],
  [40, 600, 10],
  [200, 90, 3],
])('%i workers with %i tasks in %i days: exactly as many tasks, each with its run, each paid frame once', (workers, tasks, days) => {
  const rows = [...seedRows({ ...plan, workers, tasks, days }, pictures)]
  const of = <Name extends CollectionName>(name: Name) => pick(rows, name)
  expect(of('workers')).toHaveLength(workers)
  expect(of('tasks')).toHaveLength(tasks)
  expect(new Set(of('tasks').map(({ id }) => id)).size).toBe(tasks)
  expect(of('runs').map(({ id }) => id)).toEqual(of('tasks').map(({ id }) => id))
  const open = of('tasks').filter(({ state }) => state === 'assigned')
  expect(of('earnings').reduce((sum, { frames }) => sum + frames, 0)).toBe(acceptedOf(of('tasks')) - acceptedOf(open))
  // A node holds what it says it holds, and nothing that happened lies in the future.
  expect(
    of('nodes')
      .flatMap((node) => node.activeTaskIds)
      .toSorted(),
  ).toEqual(open.map(({ id }) => id).toSorted())
  for (const task of of('tasks')) expect(Math.max(task.createdAt, task.closedAt ?? 0)).toBeLessThan(plan.nowMs)
})

test('no node works on two tasks at once', () => {
  const byNode = Map.groupBy(pick(made, 'tasks'), ({ nodeId }) => nodeId)
  for (const tasks of byNode.values()) {
    const inOrder = tasks.toSorted((a, b) => a.createdAt - b.createdAt)
    for (const [index, task] of inOrder.entries()) expect(inOrder[index - 1]?.closedAt ?? 0).toBeLessThanOrEqual(task.createdAt)
  }
})

test('every name a node, job or task has is text, and some of it is hostile', () => {
  expect(pick(made, 'workers').some(({ name }) => name.includes('<b>'))).toBe(true)
  for (const name of collectionNames) if (name !== 'profile' && name !== 'rollups') expect(pick(made, name).length).toBeGreaterThan(0)
})

async function seeded(overrides: Partial<SeedOptions> = {}) {
  const folder = temporaryFolder()
  const couchPrefix = `pt${Math.random().toString(36).slice(2, 10)}-`
  const dataFolder = join(folder.path, 'gateway')
  const options = {
    dataFolder,
    couchUrl: process.env['COUCHDB_URL'] ?? null,
    couchPrefix,
    startStore: forkStore,
    log: quietLog,
    clock: realClock,
  }
  const wanted = { workers: 30, tasks: 400, days: 5, seed: 2, owner: 'Ada', password: 'correct horse', intoExisting: false, ...overrides }
  cleanUp.push(async () => {
    if (options.couchUrl !== null) await deleteDatabases(options.couchUrl, couchPrefix)
    folder.remove()
  })
  const report = await seedServer(options, wanted)
  return { options, wanted, report, dataFolder, couchPrefix }
}

test('a seeded server starts, serves what was seeded, and its ledger, totals and day totals agree', { timeout: 60_000 }, async () => {
  const { report, dataFolder, couchPrefix, options, wanted } = await seeded()
  if (!report.ok) throw new Error(report.error.message)
  expect(report.value.documents).toMatchObject({ workers: 30, tasks: 400, runs: 400 })
  // A second time would mix two farms.
  expect(await seedServer(options, wanted)).toMatchObject({ ok: false, error: { code: 'SERVER_NOT_EMPTY' } })
  expect(await seedServer(options, { ...wanted, intoExisting: true })).toMatchObject({ ok: false, error: { code: 'REQUEST_INVALID' } })

  const at = await startTestGateway({ dataFolder, couchPrefix })
  cleanUp.push(() => at.remove())
  const signedIn = await at.request<{ token: string }>('POST', '/api/session/password', {
    body: { name: 'Ada', password: 'correct horse', wantToken: true },
  })
  const { token } = signedIn.body
  const pull = async <Name extends CollectionName>(collection: Name): Promise<Documents[Name][]> => {
    const { body } = await at.request<Result<PullReply>>('POST', '/sync/pull', {
      token,
      body: { collection, checkpoint: null, limit: 2_000 },
    })
    if (!body.ok) throw new Error(body.error.message)
    return body.value.documents as unknown as Documents[Name][]
  }
  const [tasks, earnings, rollups] = [await pull('tasks'), await pull('earnings'), await pull('rollups')]
  expect(tasks).toHaveLength(400)
  const sum = (kind: string) =>
    earnings.filter((entry) => entry.kind === kind && entry.state !== 'reversed').reduce((total, { netMicro }) => total + netMicro, 0)
  for (const whose of [(nodeId: string | null) => nodeId === null, (nodeId: string | null) => nodeId !== null]) {
    const days = rollups.filter(({ nodeId }) => whose(nodeId))
    expect(days.reduce((total, day) => total + day.networkNetMicro, 0)).toBe(sum('network'))
    expect(days.reduce((total, day) => total + day.selfRenderNetMicro, 0)).toBe(sum('selfRender'))
    expect(days.reduce((total, day) => total + day.tasksCompleted, 0)).toBe(tasks.filter(({ closedAs }) => closedAs === 'completed').length)
  }
})

test('the projection that was filled along is the one that a rebuild from the store makes', { timeout: 60_000 }, async () => {
  const { report, dataFolder, couchPrefix } = await seeded({ tasks: 120, workers: 10 })
  expect(report.ok).toBe(true)
  const digestOfStart = async (): Promise<string> => {
    let digest = ''
    const probe = ({ projection }: GatewayContext) => {
      for (const projector of taskProjectors) projection.registerProjector(projector)
      // Safe: the gateway's projection is the whole of it.
      const start = async () => void (digest = (projection as ProjectionStore).digest())
      return { name: 'probe', start, stop: async () => undefined }
    }
    const at = await startTestGateway({ dataFolder, couchPrefix, services: [probe] })
    await at.stop()
    return digest
  }
  const filled = await digestOfStart()
  rmSync(join(dataFolder, 'projection'), { recursive: true })
  expect(await digestOfStart()).toBe(filled)
})
