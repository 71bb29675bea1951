import { afterEach, beforeEach, expect } from 'vitest'
import type { JobState } from '#shared/collections/job.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import { createMemoryStore } from './memoryDocumentStore.ts'
import { createManualClock } from './plainParts.ts'
import { capable, createTaskHarness, jobOf, sessionOf, tinyBlend, tinyPng, untilQuiet } from './taskHarness.ts'
import { temporaryFolder, type TemporaryFolder } from './testTools.ts'

export const owner = sessionOf('owner-1')
export const own = sessionOf('owner-1', 'node-1')
export const foreign = sessionOf('owner-2', 'node-2')

/** The services of the path of a task over a store in memory, new for each test of the file, with what nodes and creators do to them. */
export function useTaskWorld() {
  let folder: TemporaryFolder
  let memory: ReturnType<typeof createMemoryStore>
  let gateway: ReturnType<typeof createTaskHarness>
  let clock: ReturnType<typeof createManualClock>

  beforeEach(async () => {
    folder = temporaryFolder()
    memory = createMemoryStore()
    clock = createManualClock()
    gateway = createTaskHarness({ ...memory, folder: folder.path, clock })
    await gateway.services.start()
  })
  afterEach(async () => {
    await gateway.services.stop()
    memory.close()
    folder.remove()
  })

  const settled = () => untilQuiet({ idle: () => gateway.services.idle(), clock, writes: () => memory.writes() })
  return {
    get folder() {
      return folder
    },
    get memory() {
      return memory
    },
    get gateway() {
      return gateway
    },
    get clock() {
      return clock
    },
    settled,
    /** Stops the services and starts others over the same store and clock. @param whileStopped what happens meanwhile */
    async restart(whileStopped: () => void = () => undefined): Promise<void> {
      await gateway.services.stop()
      whileStopped()
      gateway = createTaskHarness({ ...memory, folder: folder.path, clock })
      await gateway.services.start()
    },
    state: async (): Promise<JobState> => (await memory.store.read('owner-1', 'jobStates', 'job-1'))!.document,
    tasks: (): Task[] => memory.all<Task>('tasks').sort((a, b) => (a.id < b.id ? -1 : 1)),
    submit: async (job = jobOf()): Promise<void> => {
      await gateway.putFile('owner-1', tinyBlend)
      expect(await gateway.call(owner, 'jobs.submit', { job })).toMatchObject({ ok: true })
      await settled()
    },
    request: async (session = own, changes: object = {}): Promise<string[]> => {
      const answer = await gateway.call(session, 'work.request', { ...capable, ...changes })
      if (!answer.ok) throw new Error(answer.error.message)
      await settled()
      return answer.value.taskIds
    },
    deliver: async (session: typeof own, taskId: string, frame: number, picture?: Uint8Array) => {
      const task = (await memory.store.read(session.ownerId, 'tasks', taskId))!.document
      const sha256 = await gateway.putFile('owner-1', picture ?? (await tinyPng(frame)), { taskId, frame })
      const answer = await gateway.call(session, 'frame.deliver', { taskId, leaseToken: task.lease.token, frame, sha256, renderMs: 1_000 })
      await settled()
      return answer
    },
  }
}
