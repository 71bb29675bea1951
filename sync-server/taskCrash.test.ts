import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Earning } from '#shared/collections/earning.schema.ts'
import type { Job, JobState } from '#shared/collections/job.schema.ts'
import type { Rollup } from '#shared/collections/rollup.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import { appError } from '#shared/errors/appError.ts'
import { paymentFor } from '#shared/rules/settlement.ts'
import { err, ok } from '#shared/result.ts'
import type { Chunk } from './jobs/chunk.ts'
import { createMemoryStore, type Fault } from './testing/memoryDocumentStore.ts'
import { createManualClock } from './testing/plainParts.ts'
import { capable, createTaskHarness, jobOf, sessionOf, tinyBlend, untilQuiet } from './testing/taskHarness.ts'
import { temporaryFolder, type TemporaryFolder } from './testing/testTools.ts'

/**
 * The gateway is killed after (or just before) each single write of a job's life, in turn, and started again over what the store held.
 * Pictures are not decoded here; everything else is the real path.
 */
const verify = () => Promise.resolve(ok({ format: 'PNG' as const, width: 64, height: 36, channels: 3, bitDepth: 8 }))
const own = sessionOf('owner-1', 'node-1')
const other = sessionOf('owner-2', 'node-2')
const owner = sessionOf('owner-1')
const job = jobOf({ frames: [1, 2, 3, 4], chunkSize: 2 })

let folder: TemporaryFolder
beforeEach(() => (folder = temporaryFolder()))
afterEach(() => folder.remove())

type Gateway = ReturnType<typeof createTaskHarness>
class Killed extends Error {}

function createWorld(seed: number) {
  const power = { writesLeft: Number.POSITIVE_INFINITY, when: 'after' as 'before' | 'after', dead: false }
  const strike = (when: 'before' | 'after') => {
    if (power.dead) throw new Killed()
    if (power.when !== when) return
    power.writesLeft -= 1
    if (power.writesLeft > 0) return
    power.dead = true
    throw new Killed()
  }
  const fault: Fault = { beforeWrite: () => strike('before'), afterWrite: () => strike('after') }
  const memory = createMemoryStore(fault)
  const clock = createManualClock(1_800_000_000_000 + seed)
  const start = async (): Promise<Gateway> => {
    const gateway = createTaskHarness({ ...memory, folder: folder.path, clock, verify })
    await gateway.services.start()
    return gateway
  }
  return { power, memory, clock, start }
}
type World = ReturnType<typeof createWorld>

const settled = ({ clock, memory, power }: World, gateway: Gateway) =>
  untilQuiet({ idle: () => gateway.services.idle(), clock, writes: () => memory.writes(), isOver: () => power.dead })

/** A call whose server may be killed before it answers. */
async function unlessKilled<Value>(world: World, call: Promise<Value>): Promise<Value | null> {
  let answer: { value: Value } | null = null
  const answered = call.then((value) => {
    answer = { value }
  })
  while (!answer && !world.power.dead) await Promise.race([answered, new Promise((resolve) => setImmediate(resolve))])
  return (answer as { value: Value } | null)?.value ?? null
}

/** What a node and a creator do; every step may be repeated, as their real counterparts do until they get an answer. */
async function live(world: World, gateway: Gateway): Promise<void> {
  await unlessKilled(world, gateway.call(owner, 'jobs.submit', { job }))
  await settled(world, gateway)
  for (const session of [own, other]) {
    await unlessKilled(world, gateway.call(session, 'work.request', { ...capable, bufferMs: 60_000 }))
    await settled(world, gateway)
  }
  for (const session of [own, other])
    for (const task of world.memory.all<Task>('tasks').filter((one) => one.nodeId === session.nodeId))
      for (const frame of task.frames) {
        const sha256 = await gateway.putFile('owner-1', Buffer.from(`picture ${frame} by ${session.nodeId}`), { taskId: task.id, frame })
        const delivery = { taskId: task.id, leaseToken: task.lease.token, frame, sha256, renderMs: 100 }
        await unlessKilled(world, gateway.call(session, 'frame.deliver', delivery))
      }
  await settled(world, gateway)
}

function audit(world: World, { frames }: Job): void {
  const chunks = world.memory.all<Chunk>('chunks')
  const entries = world.memory.all<Earning>('earnings')
  const tasks = world.memory.all<Task>('tasks')
  expect(chunks.flatMap((chunk) => Object.keys(chunk.accepted)).sort()).toEqual(frames.map(String))
  expect(chunks.flatMap((chunk) => chunk.attempts.map(({ state }) => state)).every((state) => state === 'settled')).toBe(true)
  expect(entries.reduce((sum, entry) => sum + entry.frames, 0)).toBe(frames.length)
  expect(new Set(entries.map(({ taskId }) => taskId)).size).toBe(entries.length)
  // Nobody has a bid of its own and nothing was measured by others: every frame pays the same, to whomever.
  expect(entries.reduce((sum, entry) => sum + entry.grossMicro, 0)).toBe(frames.length * (chunks[0]?.microPerFrame ?? 0))
  for (const entry of entries) expect(entry).toMatchObject(paymentFor(entry.frames, chunks[0]?.microPerFrame ?? 0, 1_000))
  for (const task of tasks) expect(task).toMatchObject({ state: 'closed' })
  const [state] = world.memory.all<JobState>('jobStates')
  expect(state).toMatchObject({ state: 'done', accepted: frames.length, failed: 0 })
  expect(Object.values(state?.frames ?? {}).map((frame) => frame.state)).toEqual(frames.map(() => 'accepted'))
  // The roll-ups against a scan of the ledger.
  for (const ownerId of ['owner-1', 'owner-2']) {
    const sum = (kind: string) =>
      entries.filter((one) => one.ownerId === ownerId && one.kind === kind).reduce((total, one) => total + one.netMicro, 0)
    const rolled = world.memory.all<Rollup>('rollups').filter((one) => one.ownerId === ownerId && one.nodeId === null)
    expect(rolled.reduce((total, one) => total + one.networkNetMicro, 0)).toBe(sum('network'))
    expect(rolled.reduce((total, one) => total + one.selfRenderNetMicro, 0)).toBe(sum('selfRender'))
    for (const one of rolled) expect(one.netMicroByHour.reduce((total, value) => total + value, 0)).toBe(one.networkNetMicro)
  }
  expect(world.memory.all('notices')).toHaveLength(1)
}

type Life = { job: Job; live: (world: World, gateway: Gateway) => Promise<void> }

/** A node takes the whole job and is slow; later an idle one gets a copy; both bring the same frame. */
const shortJob = jobOf({ frames: [1, 2], chunkSize: 2 })
async function liveWithCopies(world: World, gateway: Gateway): Promise<void> {
  const tasksOf = (session: typeof own) => world.memory.all<Task>('tasks').filter((one) => one.nodeId === session.nodeId)
  const bring = async (session: typeof own, frames: number[]) => {
    for (const task of tasksOf(session))
      for (const frame of task.frames.filter((one) => frames.includes(one))) {
        const sha256 = await gateway.putFile('owner-1', Buffer.from(`picture ${frame} by ${session.nodeId}`), { taskId: task.id, frame })
        const delivery = { taskId: task.id, leaseToken: task.lease.token, frame, sha256, renderMs: 100 }
        await unlessKilled(world, gateway.call(session, 'frame.deliver', delivery))
      }
  }
  await unlessKilled(world, gateway.call(owner, 'jobs.submit', { job: shortJob }))
  await settled(world, gateway)
  await unlessKilled(world, gateway.call(own, 'work.request', capable))
  await bring(own, [1])
  world.clock.advance(5 * 60_000)
  await unlessKilled(world, gateway.call(other, 'work.request', capable))
  await bring(other, [2])
  await bring(own, [2])
  // Whoever was given what the other lost to the crash.
  await bring(other, [1])
  await settled(world, gateway)
}

async function lifeWithCrash(world: World, writes: number, when: 'before' | 'after', { job, live }: Life): Promise<boolean> {
  world.power.when = when
  const doomed = await world.start()
  await doomed.putFile('owner-1', tinyBlend)
  world.power.writesLeft = writes
  await live(world, doomed)
  const struck = world.power.dead
  let isStopped = false
  const stopping = doomed.services.stop().then(() => (isStopped = true))
  while (!isStopped) {
    world.clock.advance(1_000)
    await Promise.race([stopping, new Promise((resolve) => setImmediate(resolve))])
  }
  world.power.dead = false
  world.power.writesLeft = Number.POSITIVE_INFINITY
  const gateway = await world.start()
  await settled(world, gateway)
  await live(world, gateway)
  await settled(world, gateway)
  audit(world, job)
  await gateway.services.stop()
  return struck
}

it.each([
  { name: 'shared out', job, live },
  { name: 'with copies near its end', job: shortJob, live: liveWithCopies },
])(
  'pays every frame of a job $name once, whichever write was the last before the gateway was killed',
  async (life) => {
    const crashes = { before: 0, after: 0 }
    for (const when of ['after', 'before'] as const)
      for (let writes = 1; writes < 200; writes += 1) {
        const world = createWorld(writes)
        const struck = await lifeWithCrash(world, writes, when, life)
        const copies = world.memory.all<Chunk>('chunks').flatMap(({ attempts }) => attempts.filter(({ isCopy }) => isCopy))
        if (!struck) expect(copies).toHaveLength(life.job === shortJob ? 1 : 0)
        world.memory.close()
        if (!struck) break
        crashes[when] += 1
      }
    expect(crashes.after).toBeGreaterThan(20)
    expect(crashes.before).toBeGreaterThan(20)
  },
  120_000,
)

it('a projection that is thrown away is rebuilt equal, in the middle of a life full of accidents', async () => {
  const event = fc.constantFrom(
    'request',
    'request-other',
    'deliver',
    'deliver',
    'reject',
    'finish',
    'fail',
    'expire',
    'cancel',
    'pause',
    'run',
    'retry',
    'wait',
  )
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 5, maxLength: 25 }), fc.nat(1_000), async (events, seed) => {
      const world = createWorld(seed)
      const gateway = createTaskHarness({
        ...world.memory,
        folder: folder.path,
        clock: world.clock,
        verify: (_path, { frame }) => (rejecting ? Promise.resolve(err(appError('FRAME_TRUNCATED', { frame }))) : verify()),
      })
      let rejecting = false
      let step = seed
      await gateway.services.start()
      await gateway.putFile('owner-1', tinyBlend)
      await gateway.call(owner, 'jobs.submit', { job })
      await settled(world, gateway)
      const want = (changes: object) =>
        world.memory.store.update('owner-1', 'jobs', job.id, (current) => current && { ...current, ...changes })
      for (const one of events) {
        step += 1
        const tasks = world.memory.all<Task>('tasks')
        const task = tasks[step % Math.max(1, tasks.length)]
        const session = task?.nodeId === 'node-2' ? other : own
        rejecting = one === 'reject'
        if (one.startsWith('request')) await gateway.call(one === 'request' ? own : other, 'work.request', { ...capable, bufferMs: 60_000 })
        else if (task && (one === 'deliver' || one === 'reject')) {
          const frame = task.frames[step % task.frames.length] ?? 1
          const sha256 = await gateway.putFile('owner-1', Buffer.from(`${one} ${frame} ${task.nodeId}`), { taskId: task.id, frame })
          await gateway.call(session, 'frame.deliver', { taskId: task.id, leaseToken: task.lease.token, frame, sha256, renderMs: step })
        } else if (task && (one === 'finish' || one === 'fail')) {
          const outcome = one === 'finish' ? ('done' as const) : ('failed' as const)
          const error = { code: 'BLENDER_CRASHED', message: '' }
          await gateway.call(session, 'task.finish', { taskId: task.id, leaseToken: task.lease.token, outcome, error })
        } else if (one === 'expire') {
          world.clock.advance(86_400_000 + 1)
          await gateway.services.sweepLeases()
        } else if (one === 'wait') world.clock.advance(10 * 60_000)
        else if (one === 'retry') await want({ retryGeneration: step })
        else if (one === 'cancel' || one === 'pause' || one === 'run')
          await want({ wanted: one === 'cancel' ? 'cancelled' : one === 'pause' ? 'paused' : 'run' })
        await settled(world, gateway)
      }
      const before = world.memory.tables()
      world.memory.rebuild()
      expect(world.memory.tables()).toEqual(before)
      const chunks = world.memory.all<Chunk>('chunks')
      const paid = world.memory.all<Earning>('earnings')
      const due = chunks.flatMap((chunk) =>
        chunk.attempts
          .filter(({ state }) => state === 'settled')
          .map(({ token }) => Object.values(chunk.accepted).filter((frame) => frame.token === token).length),
      )
      expect(paid.reduce((sum, entry) => sum + entry.frames, 0)).toBe(due.reduce((sum, count) => sum + count, 0))
      await gateway.services.stop()
      world.memory.close()
    }),
    { numRuns: 15 },
  )
}, 120_000)
