import type { Earning } from '#shared/collections/earning.schema.ts'
import type { Job, JobState } from '#shared/collections/job.schema.ts'
import { durations } from '#shared/durations.ts'
import { createRandom } from '#shared/seededRandom.ts'
import type { Chunk } from '../jobs/chunk.ts'
import { taskDocument } from '../jobs/taskDocument.ts'
import { ledgerEntries } from '../ledger/ledgerEntry.ts'
import { evidenceDetails, noticeDocument, reasonDetails, type NewNotice } from '../notices/notices.ts'
import { playAttempt, playSceneFailure, type AttemptEnd } from './seedChunk.ts'
import { seedMember, type FleetMember } from './seedFleet.ts'
import { seedJob, seedJobState } from './seedJob.ts'
import type { SeedPicture } from './seedPictures.ts'
import { seedRun } from './seedRun.ts'
import { seedTimes } from './seedTimes.ts'
import { dayMs, minuteMs, type SeedPlan, type SeedRow } from './seedTypes.ts'

/** How many chunks of a job are over, in the hands of a node, and waiting. */
interface JobShape {
  done: number
  open: number
  queued: number
}
const ownShare = 12
/** Of a thousand tries so many end before their frames do, and another node takes the chunk. */
const troubles: readonly (readonly [upTo: number, AttemptEnd])[] = [
  [14, 'failed'],
  [20, 'released'],
  [24, 'expired'],
]

/**
 * Every document of the plan's world, one job after the other, the fleet at the end. The chunks go through the gateway's own moves and
 * everything else is computed from them as the gateway does it, so that ledger, job states and roll-ups cannot disagree.
 */
export function* seedRows(plan: SeedPlan, pictures: readonly SeedPicture[]): Generator<SeedRow> {
  const random = createRandom(plan.seed)
  const fleet = Array.from({ length: plan.workers }, (_, index) => seedMember(plan, index, random))
  const started = fleet.filter((member) => member.node !== null)
  const busy = started.filter((member) => member.mood === 'busy')
  const openTasks = Math.min(busy.length, Math.floor(plan.tasks / 3))
  const past = plan.tasks - openTasks
  const times = seedTimes(plan, past, started.length)
  let used = 0
  let opened = 0
  let ownJobs = 0

  function pastAttempt(chunk: Chunk, earliest: number): { chunk: Chunk; isOver: boolean } {
    const at = Math.max(times.issuedAt(used), earliest)
    const to = assignee(plan, started[times.nodeOf(used)])
    used += 1
    // The last one left is one that ends well: nothing of the past stays open.
    const end = used >= past || chunk.attempts.length >= 2 ? 'completed' : endOf(random.whole(1_000))
    const share = end === 'completed' ? 0.4 + 0.6 * random.next() : 0.02 + 0.05 * random.next()
    const takesMs = Math.max(3_000, Math.round(times.longestMs * share))
    return { chunk: playAttempt(chunk, { to, issuedAt: at, takesMs, end, pictures }, random, plan.nowMs), isOver: end === 'completed' }
  }

  function pastChunk(given: Chunk, isBroken: boolean): Chunk {
    let chunk = given
    if (isBroken) {
      const at = times.issuedAt(used)
      const to = assignee(plan, started[times.nodeOf(used)])
      used += 1
      return playSceneFailure(chunk, to, at, 20_000)
    }
    for (let earliest = 0; ;) {
      const next = pastAttempt(chunk, earliest)
      if (next.isOver) return next.chunk
      chunk = next.chunk
      earliest = (chunk.attempts.at(-1)?.closedAt ?? 0) + 60_000
    }
  }

  function openOne(chunk: Chunk): Chunk {
    const member = busy[opened]
    opened += 1
    const issuedAt = plan.nowMs - Math.round((1 + 10 * random.next()) * minuteMs)
    const takesMs = 8 * minuteMs + random.whole(20) * minuteMs
    const next = playAttempt(chunk, { to: assignee(plan, member), issuedAt, takesMs, end: 'open', pictures }, random, plan.nowMs)
    if (member?.node) member.node.activeTaskIds = [next.attempts.at(-1)?.taskId ?? '']
    return next
  }

  function* oneJob(ownerId: string, shape: JobShape, wanted: 'run' | 'paused'): Generator<SeedRow> {
    const createdAt = times.issuedAt(used) - (1 + random.whole(20)) * minuteMs
    const total = shape.done + shape.open + shape.queued
    const isOwn = ownerId === plan.ownerId
    if (isOwn) ownJobs += 1
    const made = seedJob({ ownerId, chunks: total, createdAt, wanted }, random)
    const isBroken = isOwn && shape.open === 0 && ownJobs % 7 === 3
    const chunks: Chunk[] = []
    for (const [index, chunk] of made.chunks.entries()) {
      if (index < shape.done && used < past) chunks.push(pastChunk(chunk, isBroken && index >= shape.done - 2))
      else if (index < shape.done + shape.open && index >= shape.done) chunks.push(openOne(chunk))
      else chunks.push(chunk)
    }
    const { job } = made
    const state = seedJobState(job, chunks, plan.nowMs)
    yield { collection: 'jobs', document: job }
    yield { collection: 'jobStates', document: state }
    for (const chunk of chunks) {
      // The chunks of settled jobs of others have nothing more to say; those of one's own lead to the pictures.
      if (isOwn || state.state !== 'done') yield { collection: 'chunks', document: chunk }
      for (const attempt of chunk.attempts) {
        yield { collection: 'tasks', document: taskDocument(chunk, attempt, job) }
        const run = seedRun(chunk, attempt.token, plan.nowMs)
        if (run) yield { collection: 'runs', document: run }
        for (const entry of ledgerEntries(chunk, attempt, job))
          yield { collection: 'earnings', document: aged(plan, entry, random.whole(400) === 0) }
      }
    }
    if (isOwn && state.finishedAt !== undefined && state.finishedAt > plan.nowMs - 3 * dayMs) yield jobNotice(plan, job, state)
  }

  const mean = Math.min(220, Math.max(3, Math.round(plan.tasks / 80)))
  const openJobs = openTasks === 0 ? 0 : Math.max(Math.min(4, openTasks), Math.ceil(openTasks / 40))
  const openEach = Math.ceil(openTasks / Math.max(1, openJobs))
  const kept = Math.min(Math.floor(past / 3), openJobs * openEach * 2)
  while (used < past - kept) {
    const done = Math.min(past - kept - used, Math.max(1, Math.round(mean * (0.4 + 1.2 * random.next()))))
    yield* oneJob(random.whole(100) < ownShare ? plan.ownerId : plan.customerId, { done, open: 0, queued: 0 }, 'run')
  }
  for (let index = 0; index < openJobs; index++) {
    const isOwn = index % 2 === 0 ? index < 6 : random.whole(100) < ownShare
    const open = Math.min(openEach, openTasks - opened)
    const done = index === openJobs - 1 ? past - used : Math.min(past - used, Math.floor(kept / openJobs))
    yield* oneJob(isOwn ? plan.ownerId : plan.customerId, { done, open, queued: 2 + random.whole(open + 2) }, 'run')
  }
  yield* oneJob(plan.ownerId, { done: 0, open: 0, queued: 24 }, 'run')
  yield* oneJob(plan.ownerId, { done: 0, open: 0, queued: 12 }, 'paused')
  for (const member of fleet) yield* fleetRows(plan, member)
}

function endOf(drawn: number): AttemptEnd {
  return troubles.find(([upTo]) => drawn < upTo)?.[1] ?? 'completed'
}

function assignee(plan: SeedPlan, member: FleetMember | undefined): { nodeId: string; nodeOwnerId: string } {
  return { nodeId: member?.worker.id ?? '', nodeOwnerId: plan.ownerId }
}

/** What the network owes is final after three days and paid after two weeks; a few entries it takes back. */
function aged(plan: SeedPlan, entry: Earning, isReversed: boolean): Earning {
  if (entry.state !== 'pending') return entry
  const moved = (state: Earning['state'], afterMs: number): Earning => {
    const at = entry.createdAt + afterMs
    return { ...entry, state, stateChangedAt: at, updatedAt: at }
  }
  const age = plan.nowMs - entry.createdAt
  if (isReversed && age > dayMs) return { ...moved('reversed', dayMs), reason: 'The network found the frames to be of another scene.' }
  if (age > 14 * dayMs) return moved('paid', 14 * dayMs)
  return age > 3 * dayMs ? moved('final', 3 * dayMs) : entry
}

function jobNotice(plan: SeedPlan, job: Job, state: JobState): SeedRow {
  const about = { event: `${job.id}.0`, at: state.finishedAt ?? plan.nowMs, jobId: job.id }
  if (state.state === 'done') return notice(plan, { ...about, code: 'JOB_DONE', details: { name: job.name, frames: state.accepted } })
  const failure = Object.values(state.frames).find((frame) => frame.state === 'failed')?.error
  return notice(plan, {
    ...about,
    code: 'JOB_FAILED',
    details: { name: job.name, failed: state.failed, total: state.total, ...reasonDetails(failure) },
  })
}

function* fleetRows(plan: SeedPlan, { mood, worker, node, presence }: FleetMember): Generator<SeedRow> {
  yield { collection: 'workers', document: worker }
  if (!node || !presence) return
  yield { collection: 'nodes', document: node }
  yield { collection: 'presence', document: presence }
  const about = { nodeId: worker.id }
  if (mood === 'gone')
    yield notice(plan, {
      ...{ ...about, code: 'NODE_OFFLINE', event: `${worker.id}.${presence.since}`, at: presence.lastHeardAt + durations.offlineAfterMs },
      details: { name: worker.name, lastHeardAt: presence.lastHeardAt, wasRendering: false },
    })
  if (node.blocked)
    yield notice(plan, {
      ...{ ...about, code: 'NODE_BLOCKED', event: `${worker.id}.${node.blocked.since}`, at: node.blocked.since },
      details: { name: worker.name, code: node.blocked.code, until: node.blocked.until, ...evidenceDetails(node.blocked) },
    })
}

const notice = (plan: SeedPlan, event: Omit<NewNotice, 'ownerId'>): SeedRow => ({
  collection: 'notices',
  document: noticeDocument({ ownerId: plan.ownerId, ...event }),
})
