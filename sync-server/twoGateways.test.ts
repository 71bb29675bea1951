import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { Earning } from '#shared/collections/earning.schema.ts'
import type { Job, JobState } from '#shared/collections/job.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import { ok } from '#shared/result.ts'
import type { Chunk } from './jobs/chunk.ts'
import { handledOf } from './jobs/jobProjector.ts'
import { chunkIdsOf } from './jobs/splitJob.ts'
import type { DocumentStore } from './store/documentStore.ts'
import type { OpenedStore } from './store/openStore.ts'
import { startTestStore, type TestStore } from './testing/startTestStore.ts'
import { capable, createTaskHarness, jobOf, sessionOf, tinyBlend } from './testing/taskHarness.ts'

/** Two gateways, each with a projection and files of its own, over one real store. */
const verify = () => Promise.resolve(ok({ format: 'PNG' as const, width: 64, height: 36, channels: 3, bitDepth: 8 }))
const owner = sessionOf('owner-1')
const nodes = [sessionOf('owner-1', 'node-1'), sessionOf('owner-2', 'node-2')] as const
const waiting = { timeout: 30_000, interval: 50 }

let at: TestStore
beforeAll(async () => {
  at = await startTestStore()
  // A gateway follows what was there when it started, or what somebody asked it for.
  for (const collection of ['jobs', 'jobStates'] as const) await at.databases.ensure({ ownerId: 'owner-1', collection })
})
afterAll(() => at.remove())

type Gateway = ReturnType<typeof createTaskHarness> & { opened: OpenedStore; stop(): Promise<void> }
async function startGateway(name: string, wrap: (store: DocumentStore) => DocumentStore = (store) => store): Promise<Gateway> {
  const opened = await at.openAnother(name)
  const harness = createTaskHarness({
    ...{ store: wrap(opened.store), projection: opened.projection, folder: join(at.folder, name), gatewayId: name, verify },
  })
  await opened.store.openAll()
  await harness.services.start()
  await harness.putFile('owner-1', tinyBlend)
  return {
    ...harness,
    opened,
    async stop() {
      await harness.services.stop()
      await opened.stop()
    },
  }
}
const stateOf = async ({ opened }: Gateway, jobId: string): Promise<JobState | null> =>
  (await opened.store.read('owner-1', 'jobStates', jobId))?.document ?? null
async function chunksOf({ opened }: Gateway, job: Job): Promise<Chunk[]> {
  const found = await Promise.all(chunkIdsOf(job).map((id) => opened.store.latestPrivate<Chunk>('chunks', id)))
  return found.flatMap((stored) => (stored === null ? [] : [stored.document]))
}

it('a gateway that is slow puts no earlier state over what the other one has carried out meanwhile', async () => {
  const job = jobOf({ id: 'job-slow' })
  let release: () => void = () => undefined
  const gate = new Promise<void>((resolve) => (release = resolve))
  let isHeld = false
  // The slow one has decided what to write from a store in which there was no state yet.
  const slow = await startGateway('slow', (store) => ({
    ...store,
    async update(ownerId, collection, id, change) {
      if (collection === 'jobStates' && id === job.id && !isHeld) {
        isHeld = true
        await gate
      }
      return store.update(ownerId, collection, id, change)
    },
  }))
  const quick = await startGateway('quick')
  try {
    await slow.call(owner, 'jobs.submit', { job })
    await vi.waitFor(() => expect(isHeld).toBe(true), waiting)
    await vi.waitFor(async () => expect(handledOf(await stateOf(quick, job.id))?.split).toBe(true), waiting)
    const before = await stateOf(quick, job.id)
    const seen: (boolean | undefined)[] = []
    const unsubscribe = quick.opened.store.onWritten(({ collection, document }) => {
      if (collection === 'jobStates' && document.id === job.id) seen.push(handledOf(document as unknown as JobState)?.split)
    })
    release()
    await slow.services.idle()
    await quick.opened.store.catchUp('owner-1', 'jobStates')
    unsubscribe()
    expect(seen.filter((split) => split !== true)).toEqual([])
    const after = await stateOf(slow, job.id)
    expect(after?.['handled']).toEqual(before?.['handled'])
    const chunks = await chunksOf(slow, job)
    expect(chunks).toHaveLength(3)
    // The place in the queue is the first one's, for all of them.
    expect(new Set(chunks.map(({ createdAt }) => createdAt))).toEqual(new Set([handledOf(after)?.receivedAt]))
  } finally {
    release()
    await Promise.all([slow.stop(), quick.stop()])
  }
})

it('a wish that came over one gateway is not undone by the other one, which still carries out the wish before', async () => {
  const job = jobOf({ id: 'job-wish', frames: [1, 2, 3, 4, 5, 6], chunkSize: 1 })
  const gateways = [await startGateway('wish-a'), await startGateway('wish-b')] as const
  try {
    await gateways[0].call(owner, 'jobs.submit', { job })
    await vi.waitFor(async () => expect(handledOf(await stateOf(gateways[1], job.id))?.split).toBe(true), waiting)
    const wishes = ['paused', 'run', 'paused', 'run', 'cancelled'] as const
    for (const [index, wanted] of wishes.entries())
      await gateways[index % 2 === 0 ? 0 : 1].opened.store.update('owner-1', 'jobs', job.id, (current) => current && { ...current, wanted })
    for (const gateway of gateways)
      await vi.waitFor(async () => {
        expect(await stateOf(gateway, job.id)).toMatchObject({ state: 'cancelled', handled: { wanted: 'cancelled', split: true } })
        expect((await chunksOf(gateway, job)).map(({ wanted }) => wanted)).toEqual(job.frames.map(() => 'cancelled'))
      }, waiting)
  } finally {
    await Promise.all(gateways.map((gateway) => gateway.stop()))
  }
})

it('frames that two gateways accept at the same moment are all counted, and each is paid once', async () => {
  const job = jobOf({ id: 'job-both', frames: Array.from({ length: 16 }, (_, index) => index + 1), chunkSize: 1 })
  const gateways = [await startGateway('both-a'), await startGateway('both-b')] as const
  try {
    await gateways[0].call(owner, 'jobs.submit', { job })
    for (const gateway of gateways)
      await vi.waitFor(async () => expect(handledOf(await stateOf(gateway, job.id))?.split).toBe(true), waiting)
    // Each node asks its gateway until nothing is left, and delivers at once: both change chunks of the job all the time.
    await Promise.all(
      nodes.map(async (session, index) => {
        const gateway = gateways[index] ?? gateways[0]
        const done = new Set<string>()
        await vi.waitFor(async () => {
          await gateway.call(session, 'work.request', { ...capable, bufferMs: 60_000 })
          await gateway.services.idle()
          const tasks: Task[] = []
          await gateway.opened.store.scan(session.ownerId, 'tasks', (page) => void tasks.push(...page.map(({ document }) => document)))
          for (const task of tasks.filter((one) => one.jobId === job.id && one.nodeId === session.nodeId && !done.has(one.id))) {
            for (const frame of task.frames) {
              const upload = { taskId: task.id, frame }
              const sha256 = await gateway.putFile('owner-1', Buffer.from(`picture ${frame} by ${session.nodeId}`), upload)
              const delivery = { ...upload, leaseToken: task.lease.token, sha256, renderMs: 10 }
              expect(await gateway.call(session, 'frame.deliver', delivery)).toMatchObject({ ok: true })
            }
            done.add(task.id)
          }
          const accepted = (await chunksOf(gateway, job)).flatMap((chunk) => Object.keys(chunk.accepted))
          expect(accepted).toHaveLength(job.frames.length)
        }, waiting)
      }),
    )
    for (const gateway of gateways)
      await vi.waitFor(async () => {
        expect(await stateOf(gateway, job.id)).toMatchObject({ state: 'done', accepted: job.frames.length, failed: 0 })
      }, waiting)
    await vi.waitFor(async () => {
      const entries: Earning[] = []
      for (const ownerId of ['owner-1', 'owner-2'])
        await gateways[1].opened.store.scan(ownerId, 'earnings', (page) => void entries.push(...page.map(({ document }) => document)))
      const ofJob = entries.filter(({ jobId }) => jobId === job.id)
      expect(ofJob.reduce((sum, { frames }) => sum + frames, 0)).toBe(job.frames.length)
      expect(new Set(ofJob.map(({ taskId }) => taskId)).size).toBe(ofJob.length)
    }, waiting)
  } finally {
    await Promise.all(gateways.map((gateway) => gateway.stop()))
  }
})

it('what a gateway that is gone has begun is ended by the other one', async () => {
  const job = jobOf({ id: 'job-left' })
  const gateway = await startGateway('heir')
  try {
    const handled = { wanted: 'run', retryGeneration: 0, split: false, receivedAt: 5 }
    const left = { id: job.id, ownerId: 'owner-1', updatedAt: 5, total: 5, accepted: 0, failed: 0, frames: {}, costMicro: 0, handled }
    await at.store.write('owner-1', 'jobStates', [{ document: { ...left, state: 'queued' as const }, rev: null }])
    await at.store.write('owner-1', 'jobs', [{ document: job, rev: null }])
    await vi.waitFor(async () => {
      expect(handledOf(await stateOf(gateway, job.id))).toEqual({ ...handled, split: true })
    }, waiting)
    expect(await chunksOf(gateway, job)).toHaveLength(3)
  } finally {
    await gateway.stop()
  }
})
