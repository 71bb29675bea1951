import { expect, it } from 'vitest'
import { createMemoryStore } from '../testing/memoryDocumentStore.ts'
import { sessionOf } from '../testing/taskHarness.ts'
import { assign } from '../jobs/chunkMoves.ts'
import { splitJob } from '../jobs/splitJob.ts'
import { jobOf } from '../testing/taskHarness.ts'
import { findTask } from './taskAccess.ts'

it('asks the store itself before it says that there is no such task: another gateway may have given it out a moment ago', async () => {
  const memory = createMemoryStore()
  const [fresh] = splitJob(jobOf(), { kind: 'blender' }, 1)
  if (fresh === undefined) throw new Error('no chunk')
  const given = assign(fresh, { nodeId: 'node-1', nodeOwnerId: 'owner-1' }, 1, 2)
  if (given === null) throw new Error('not given')
  await memory.store.writePrivate('chunks', [{ document: given, rev: null }])
  const taskId = given.attempts[0]?.taskId ?? ''
  let asked = 0
  /** What this gateway has heard of so far. */
  for (const heard of [null, { document: fresh, rev: '1' }]) {
    const behind = {
      ...memory.store,
      readPrivate: () => Promise.resolve(heard),
      latestPrivate: (...parameters: Parameters<typeof memory.store.latestPrivate>) => {
        asked += 1
        return memory.store.latestPrivate(...parameters)
      },
    } as typeof memory.store
    expect(await findTask(behind, sessionOf('owner-1', 'node-1'), taskId, 1)).toMatchObject({ ok: true, value: { chunkId: given.id } })
    expect(await findTask(behind, sessionOf('owner-2', 'node-2'), taskId, 1)).toMatchObject({ error: { code: 'TASK_NOT_FOUND' } })
  }
  expect(asked).toBe(4)
  // What is known is not asked for.
  expect(await findTask(memory.store, sessionOf('owner-2', 'node-2'), taskId, 1)).toMatchObject({ error: { code: 'TASK_NOT_FOUND' } })
  memory.close()
})
