import { expect, it } from 'vitest'
import { useTaskWorld } from '../testing/taskWorld.ts'
import type { Chunk } from './chunk.ts'
import { unfollowedJobs } from './jobProjector.ts'

const world = useTaskWorld()
const leftOverMs = 60_000
const wishes = () =>
  world.memory
    .all<Chunk>('chunks')
    .map(({ wanted }) => wanted)
    .sort()

/** As after a gateway that carried out an earlier wish was killed between the chunk and the job's state, with another one in between. */
async function leaveOneChunk(wanted: Chunk['wanted']): Promise<void> {
  const [chunk] = world.memory.all<Chunk>('chunks')
  await world.memory.store.updatePrivate<Chunk>('chunks', chunk?.id ?? '', (current) => current && { ...current, wanted })
}
async function cancelled(): Promise<void> {
  await world.submit()
  await world.memory.store.update('owner-1', 'jobs', 'job-1', (job) => job && { ...job, wanted: 'cancelled' })
  await world.settled()
  expect(await world.state()).toMatchObject({ state: 'cancelled', handled: { wanted: 'cancelled' } })
  expect(wishes()).toEqual(['cancelled', 'cancelled', 'cancelled'])
}

it('a chunk that goes on although its job was cancelled is taken back at the next start', async () => {
  await cancelled()
  await world.restart()
  await leaveOneChunk('run')
  await world.gateway.services.stop()
  expect(wishes()).toEqual(['cancelled', 'cancelled', 'run'])
  await world.restart()
  await world.settled()
  expect(wishes()).toEqual(['cancelled', 'cancelled', 'cancelled'])
  expect(unfollowedJobs(world.memory.projection.database)).toEqual([])
})

it('a running gateway takes it back too, but not in the moment in which another one may be at it', async () => {
  await cancelled()
  await leaveOneChunk('run')
  world.clock.advance(leftOverMs)
  await world.gateway.services.idle()
  world.clock.advance(leftOverMs)
  await world.settled()
  expect(wishes()).toEqual(['cancelled', 'cancelled', 'cancelled'])
  expect(await world.state()).toMatchObject({ state: 'cancelled', handled: { wanted: 'cancelled' } })
})

it('a chunk that was left paused does not hold up its job', async () => {
  await world.submit()
  await leaveOneChunk('paused')
  world.clock.advance(2 * leftOverMs)
  await world.settled()
  world.clock.advance(2 * leftOverMs)
  await world.settled()
  expect(wishes()).toEqual(['run', 'run', 'run'])
})

it('jobs that are carried out are not looked at again', async () => {
  await world.submit()
  expect(unfollowedJobs(world.memory.projection.database)).toEqual([])
  await world.memory.store.update('owner-1', 'jobs', 'job-1', (job) => job && { ...job, wanted: 'paused' })
  await world.settled()
  expect(unfollowedJobs(world.memory.projection.database)).toEqual([])
})
