import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Earning } from '#shared/collections/earning.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import { earningId } from '#shared/ids.ts'
import type { OpenedStore } from '../store/openStore.ts'
import { sampleDocuments } from '../testing/sampleDocuments.ts'
import { startTestStore, type TestStore } from '../testing/startTestStore.ts'
import { quietLog, realClock } from '../testing/testTools.ts'
import { rollupProjector } from './rollupProjector.ts'
import { createRollupWriter } from './rollupWriter.ts'

let at: TestStore
/** Follows one database of an owner at a time, as a gateway of very many owners follows a part of theirs. */
let busy: OpenedStore
let other: OpenedStore
beforeAll(async () => {
  at = await startTestStore()
  busy = await at.openAnother('busy', { maxFollowed: 1 })
  other = await at.openAnother('other')
  for (const { projection } of [busy, other]) projection.registerProjector(rollupProjector)
})
afterAll(async () => {
  await busy.stop()
  await other.stop()
  await at.remove()
})

const ownerId = 'owner-1'
const samples = sampleDocuments(ownerId, 'node-1', 'x')
const day = new Date(samples.earnings.createdAt).toISOString().slice(0, 10)
const hourly = (value: number) =>
  Array.from({ length: 24 }, (_, hour) => (hour === new Date(samples.tasks.createdAt).getUTCHours() ? value : 0))
function taskOf(index: number): Task {
  const verdict = { verdict: 'accepted' as const, at: samples.tasks.createdAt, renderMs: 1_000 }
  return { ...samples.tasks, id: `task-${index}`, closedAt: samples.tasks.createdAt, verdicts: { 1: verdict } }
}
function earningOf(index: number): Earning {
  return { ...samples.earnings, id: earningId(`task-${index}`, 'selfRender'), taskId: `task-${index}` }
}
const put = async (gateway: OpenedStore, index: number) => {
  await gateway.store.write(ownerId, 'tasks', [{ document: taskOf(index), rev: null }])
  await gateway.store.write(ownerId, 'earnings', [{ document: earningOf(index), rev: null }])
}

test('a gateway that does not follow an owner all the time sums up what others wrote meanwhile', async () => {
  const writer = createRollupWriter({ store: busy.store, database: busy.projection.database, log: quietLog, clock: realClock })
  writer.start()
  await put(busy, 1)
  await writer.idle()
  expect((await busy.store.read(ownerId, 'rollups', `${ownerId}:${day}`))?.document).toMatchObject({ framesAccepted: 1, tasksCompleted: 1 })
  for (const index of [2, 3, 4]) await put(other, index)
  // Something of this owner happens here, in one of the two collections only.
  await busy.store.write(ownerId, 'earnings', [{ document: earningOf(5), rev: null }])
  await writer.idle()
  expect((await busy.store.read(ownerId, 'rollups', `${ownerId}:${day}`))?.document).toMatchObject({
    ...{ framesAccepted: 4, tasksCompleted: 4, selfRenderNetMicro: 5 * samples.earnings.netMicro },
    // The tasks are of own jobs; each hour adds up to its day, and what never happened takes no room.
    ...{ selfRenderFrames: 4, selfRenderTasks: 4 },
    ...{ tasksCompletedByHour: hourly(4), selfRenderFramesByHour: hourly(4), selfRenderTasksByHour: hourly(4) },
  })
  expect((await busy.store.read(ownerId, 'rollups', `${ownerId}:${day}`))?.document.tasksFailedByHour).toBeUndefined()
  await writer.stop()
})

test('many readers of more databases than are followed all get what was written', async () => {
  const owners = Array.from({ length: 12 }, (_, index) => `owner-many-${index}`)
  for (const owner of owners) await other.store.write(owner, 'tasks', [{ document: { ...taskOf(1), ownerId: owner }, rev: null }])
  const read = await Promise.all(owners.map((owner) => busy.store.read(owner, 'tasks', 'task-1')))
  expect(read.map((found) => found?.document.ownerId)).toEqual(owners)
})
