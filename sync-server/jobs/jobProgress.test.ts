import { afterEach, expect, it } from 'vitest'
import { createMemoryStore } from '../testing/memoryDocumentStore.ts'
import { createManualClock, quietLogger } from '../testing/plainParts.ts'
import type { DocumentStore } from '../store/documentStore.ts'
import type { Chunk } from './chunk.ts'
import { createJobBriefs } from './jobBriefs.ts'
import { handledOf, jobProjector, type Handled } from './jobProjector.ts'
import { createJobProgress } from './jobProgress.ts'

const owner = 'owner-1'
const chunk: Chunk = {
  ...{ id: 'chunk-1', jobId: 'job-1', jobOwnerId: owner, index: 0, createdAt: 0, rank: 0, needs: { kind: 'blender' } },
  ...{ microPerUnit: 50, microPerFrame: 1_001, feeBasisPoints: 1_000, frames: [1, 2], wanted: 'run', retryGeneration: 0 },
  ...{ attempt: 0, attempts: [], accepted: {}, failed: {}, failures: [] },
}
const running: Handled = { wanted: 'run', retryGeneration: 0, split: true, receivedAt: 1 }
const job = { id: 'job-1', ownerId: owner }

const memory = createMemoryStore()
afterEach(() => memory.close())

it('a slow writer of counts does not undo that a job was cancelled meanwhile', async () => {
  const clock = createManualClock()
  memory.projection.registerProjector(jobProjector)
  let meanwhile: () => Promise<unknown> = () => Promise.resolve()
  // Between what it read of the job and its write, something else happens.
  const store: DocumentStore = {
    ...memory.store,
    async readPrivate(database, id) {
      const found = await memory.store.readPrivate<never>(database, id)
      await meanwhile()
      return found
    },
  }
  const briefs = createJobBriefs(memory.store)
  const parts = { database: memory.projection.database, briefs, log: quietLogger, clock, onJobSettled: () => Promise.resolve() }
  const [slow, quick] = [createJobProgress({ ...parts, store }), createJobProgress({ ...parts, store: memory.store })]
  await memory.store.writePrivate<Chunk>('chunks', [{ document: chunk, rev: null }])
  expect(await quick.write(job, [chunk.id], { from: null, to: running }, 2)).toBe(true)
  meanwhile = async () => {
    meanwhile = () => Promise.resolve()
    await quick.write(job, [chunk.id], { from: running, to: { ...running, wanted: 'cancelled' } }, 2)
    // What was decided before that is not put over it.
    expect(await quick.write(job, [chunk.id], { from: null, to: running }, 2)).toBe(false)
  }

  slow.touch(chunk)
  clock.advance(1_000)
  await slow.idle()
  const state = (await memory.store.read(owner, 'jobStates', job.id))?.document ?? null
  expect(state?.state).toBe('cancelled')
  expect(handledOf(state)?.wanted).toBe('cancelled')
  await Promise.all([slow.stop(), quick.stop()])
  briefs.stop()
})
