import type { Job, JobState } from '#shared/collections/job.schema.ts'
import type { Run } from '#shared/collections/run.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import type { Random } from '#shared/seededRandom.ts'
import { hourMs, ownerId, type Seed } from './seedTypes.ts'

const scenes = [
  'Kitchen, morning light',
  'Lander turntable',
  'Bottle campaign v7',
  'Waldspaziergang Einstellung 12',
  'Classroom',
  'Title card <b>draft</b>',
  'Rain test',
  'Product spin',
]
const sha = 'a3f1c09b27d84e5566778899aabbccddeeff00112233445566778899aabbccdd'

/** Jobs in every state, with their tasks, runs, ledger entries and notices. */
export function seedJobs(seed: Seed, count: number, nowMs: number, random: Random): void {
  const working = seed.nodes.filter((node) => node.activeTaskIds.length > 0)
  for (let index = 0; index < count; index++) {
    const state =
      (['rendering', 'rendering', 'queued', 'done', 'failed', 'done', 'paused', 'cancelled', 'waitingForFiles'] as const)[index] ?? 'done'
    addJob(seed, index, state, nowMs, random, working)
  }
  seed.nodes.forEach((node) => {
    // Every node that says it works has a run to show, also where there are more nodes than jobs.
    const [taskId] = node.activeTaskIds
    const job = seed.jobs[0]
    if (taskId && job && !seed.runs.some((run) => run.id === taskId))
      addTask(seed, job, taskId, node.id, [1, 2, 3, 4, 5], 'rendering', nowMs - 4 * 60_000, random)
  })
  seed.notices.push(
    {
      id: 'notice-1',
      ownerId,
      updatedAt: nowMs,
      at: nowMs - 22 * 60_000,
      code: 'JOB_FAILED',
      severity: 'problem',
      jobId: seed.jobs[4]?.id ?? 'job-x',
      details: { name: 'Classroom', failed: 3 },
    },
    {
      id: 'notice-2',
      ownerId,
      updatedAt: nowMs,
      at: nowMs - 3 * hourMs,
      code: 'NODE_OFFLINE',
      severity: 'warning',
      nodeId: seed.workers[7]?.id ?? 'node-x',
      details: { name: 'Rack B' },
    },
    {
      id: 'notice-3',
      ownerId,
      updatedAt: nowMs,
      at: nowMs - 26 * hourMs,
      code: 'JOB_DONE',
      severity: 'info',
      jobId: seed.jobs[3]?.id ?? 'job-x',
      details: { name: 'Waldspaziergang Einstellung 12', frames: 24 },
    },
  )
  if (count === 0) seed.notices = []
}

function addJob(seed: Seed, index: number, state: JobState['state'], nowMs: number, random: Random, working: Seed['nodes']): void {
  const id = `job-${random.letters(20)}`
  const total = index === 1 ? 240 : index === 5 ? 1_200 : 24 + random.whole(40)
  const frames = Array.from({ length: total }, (_, n) => n + 1)
  const createdAt = nowMs - (index * 7 + 1) * hourMs
  const job: Job = {
    id,
    ownerId,
    updatedAt: createdAt,
    name: scenes[index % scenes.length] ?? 'Scene',
    kind: 'blender',
    createdAt,
    frames,
    chunkSize: 5,
    scene: { sha256: sha, sizeBytes: 48_300_000 + index * 1_000_000, name: 'kitchen_v12.blend' },
    extraFiles: [],
    settings: { samples: 128 },
    info: {
      blenderVersion: '4.2',
      engine: 'CYCLES',
      width: 1_920,
      height: 1_080,
      samples: 128,
      format: 'PNG',
      wantsDenoiser: 'OPENIMAGEDENOISE',
    },
    wanted: state === 'paused' ? 'paused' : state === 'cancelled' ? 'cancelled' : 'run',
    retryGeneration: 0,
  }
  seed.jobs.push(job)
  const share = state === 'done' ? 1 : state === 'queued' || state === 'waitingForFiles' ? 0 : index === 0 ? 0.4 : 0.62
  const accepted = Math.floor(total * share)
  const failed = state === 'failed' ? total - accepted : 0
  const states: JobState['frames'] = {}
  frames.forEach((frame, position) => {
    if (position < accepted) states[String(frame)] = { state: 'accepted', sha256: sha, sizeBytes: 2_400_000, format: 'PNG' }
    else if (state === 'failed')
      states[String(frame)] = {
        state: 'failed',
        error: { code: 'SCENE_MISSING_FILES', message: 'The scene uses files that are not there: //textures/wood.png.' },
      }
    else if (state === 'rendering' && position < accepted + 5)
      states[String(frame)] = { state: 'assigned', nodeId: working[index]?.id ?? '' }
    else states[String(frame)] = { state: state === 'cancelled' ? 'cancelled' : 'queued' }
  })
  seed.jobStates.push({
    id,
    ownerId,
    updatedAt: nowMs - index * 60_000,
    state,
    total,
    accepted,
    failed,
    frames: states,
    costMicro: accepted * 6_100,
    ...(accepted > 0 ? { startedAt: createdAt + 4_000 } : {}),
    ...(state === 'done' ? { finishedAt: createdAt + 2 * hourMs } : {}),
  })
  for (let chunk = 0; chunk * 5 < accepted && chunk < 12; chunk++)
    addTask(
      seed,
      job,
      `task-${random.letters(20)}`,
      random.pick(seed.workers).id,
      frames.slice(chunk * 5, chunk * 5 + 5),
      'done',
      createdAt + chunk * 9 * 60_000,
      random,
    )
  const node = working[index]
  if (state === 'rendering' && node?.activeTaskIds[0])
    addTask(seed, job, node.activeTaskIds[0], node.id, frames.slice(accepted, accepted + 5), 'rendering', nowMs - 4 * 60_000, random)
}

function addTask(
  seed: Seed,
  job: Job,
  id: string,
  nodeId: string,
  frames: number[],
  state: 'done' | 'rendering',
  createdAt: number,
  random: Random,
): void {
  const done = state === 'done'
  const renderMs = 31_000 + random.whole(14_000)
  const net = frames.length * 5_490
  const task: Task = {
    id,
    ownerId,
    updatedAt: createdAt,
    nodeId,
    jobId: job.id,
    jobName: job.name,
    chunkId: `${job.id}:${frames[0] ?? 0}`,
    kind: 'blender',
    state: done ? 'closed' : 'assigned',
    ...(done ? { closedAs: 'completed' as const, closedAt: createdAt + renderMs * 5 } : {}),
    createdAt,
    frames,
    scene: job.scene,
    extraFiles: [],
    settings: job.settings,
    info: job.info,
    format: 'PNG',
    needs: { kind: 'blender' },
    quote: { kind: 'network', microPerFrame: 6_100, feeBasisPoints: 1_000 },
    lease: { token: 1, issuedAt: createdAt, expiresAt: createdAt + 24 * hourMs },
    verdicts: Object.fromEntries(frames.map((frame) => [String(frame), { verdict: done ? ('accepted' as const) : ('open' as const) }])),
  }
  const run: Run = {
    id,
    ownerId,
    updatedAt: createdAt,
    nodeId,
    jobId: job.id,
    leaseToken: 1,
    state,
    createdAt,
    startedAt: createdAt + 2_000,
    ...(done ? { finishedAt: createdAt + renderMs * 5 } : {}),
    blenderVersion: '4.2.3',
    device: 'OPTIX',
    frames: Object.fromEntries(
      frames.map((frame, position) => [
        String(frame),
        {
          state: done
            ? ('delivered' as const)
            : position < 2
              ? ('finished' as const)
              : position === 2
                ? ('rendering' as const)
                : ('queued' as const),
          renders: done || position < 3 ? 1 : 0,
          ...(done || position < 2 ? { renderMs, finishedAt: createdAt + renderMs * (position + 1) } : {}),
        },
      ]),
    ),
    warnings: [],
  }
  seed.tasks.push(task)
  seed.runs.push(run)
  if (!done) return
  const self = job.name.startsWith('Lander')
  seed.earnings.push({
    id: `${id}:${self ? 'selfRender' : 'network'}`,
    ownerId,
    updatedAt: createdAt,
    nodeId,
    taskId: id,
    jobId: job.id,
    jobName: job.name,
    kind: self ? 'selfRender' : 'network',
    frames: frames.length,
    grossMicro: frames.length * 6_100,
    feeMicro: frames.length * 6_100 - net,
    netMicro: net,
    state: random.whole(4) === 0 ? 'pending' : 'final',
    createdAt: createdAt + renderMs * 5,
    stateChangedAt: createdAt + renderMs * 5,
  })
}
