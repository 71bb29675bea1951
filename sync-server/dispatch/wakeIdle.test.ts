import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { headStartMs } from '#shared/rules/standing.ts'
import { splitJob } from '../jobs/splitJob.ts'
import { createLiveHub } from '../sync/liveHub.ts'
import { createManualClock } from '../testing/plainParts.ts'
import { projectChunks } from '../testing/projectChunks.ts'
import { capable, jobOf } from '../testing/taskHarness.ts'
import { choiceProjector } from './choiceProjector.ts'
import { chooseNext } from './choose.ts'
import { createWakeIdle, type Contender } from './wakeIdle.ts'

let database: DatabaseSync
let clock: ReturnType<typeof createManualClock>
let wakeIdle: ReturnType<typeof createWakeIdle>
beforeEach(() => {
  database = new DatabaseSync(':memory:')
  choiceProjector.createTables(database)
  clock = createManualClock()
  const live = createLiveHub()
  wakeIdle = createWakeIdle({
    ...{ database, live, clock, isConnected: () => true, averageMicroPerUnit: () => 50, copyFor: () => false },
  })
})
afterEach(() => {
  wakeIdle.stop()
  database.close()
})

const contender = (nodeId: string, about: { reliability?: number; score?: number; bid?: number; engines?: string[] } = {}): Contender => ({
  ...{ nodeId, ownerId: `of-${nodeId}`, reliability: about.reliability ?? 0.9, score: about.score ?? 1_000 },
  capabilities: { ...capable, ...(about.engines ? { engines: about.engines } : {}), bidMicroPerUnit: about.bid ?? null },
})
function queue(chunks: number): void {
  const job = jobOf({ frames: Array.from({ length: chunks }, (_, index) => index), chunkSize: 1 })
  projectChunks(choiceProjector, database, splitJob(job, { kind: 'blender', engine: 'CYCLES' }, 1))
}
/** Both wait for work, then so many chunks come: must the first leave them to the second? */
function leaves(first: Contender, second: Contender, chunks = 1): boolean {
  for (const one of [first, second]) wakeIdle.note(one, false)
  queue(chunks)
  wakeIdle.poke()
  clock.advance(100)
  return mustWait(first)
}
function mustWait(one: Contender): boolean {
  const choice = chooseNext(database, one, clock.now(), new Set())
  if (!choice) throw new Error('nothing fits')
  return wakeIdle.mustWait(one, choice)
}

it.each([
  ['the more reliable', { reliability: 0.95 }],
  ['the faster', { score: 2_000 }],
  ['the cheaper', { bid: 40 }],
])('%s goes first', (_, better) => {
  expect(leaves(contender('a'), contender('b', better))).toBe(true)
  expect(mustWait(contender('b', better))).toBe(false)
})

it('nobody waits where there is enough for all', () => {
  expect(leaves(contender('a'), contender('b', { score: 9_000 }), 2)).toBe(false)
})

it('nobody waits for who cannot render it or asks more than it pays', () => {
  expect(leaves(contender('a'), contender('b', { score: 9_000, engines: [] }))).toBe(false)
  wakeIdle.note(contender('c', { score: 1_000_000, bid: 101 }), false)
  wakeIdle.poke()
  clock.advance(100)
  expect(mustWait(contender('a'))).toBe(false)
})

it('the head start is short, and over when the better one has asked', () => {
  const [slow, quick] = [contender('a'), contender('b', { score: 9_000 })]
  expect(leaves(slow, quick)).toBe(true)
  wakeIdle.note(quick, true)
  expect(mustWait(slow)).toBe(false)
  expect(leaves(slow, quick)).toBe(true)
  clock.advance(headStartMs)
  expect(mustWait(slow)).toBe(false)
})

it('a job that a node leaves to others is not chosen for it, neither as its own nor as another’s', () => {
  queue(3)
  const { jobId, jobOwnerId } = chooseNext(database, contender('a'), clock.now(), new Set()) ?? { jobId: '', jobOwnerId: '' }
  expect(jobId).not.toBe('')
  for (const ownerId of [jobOwnerId, 'of-a']) {
    const asker = { ...contender('a'), ownerId }
    expect(chooseNext(database, { ...asker, avoidJobs: ['another', jobId] }, clock.now(), new Set())).toBeNull()
    expect(chooseNext(database, { ...asker, avoidJobs: ['another'] }, clock.now(), new Set())).toMatchObject({ jobId })
  }
})
