import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Run } from '#shared/collections/run.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import { appError, AppErrorException, type AppError } from '#shared/errors/appError.ts'
import { err, ok } from '#shared/result.ts'
import { createHolds, type Holds } from '../node/holds.ts'
import { createServerClock } from '../node/serverClock.ts'
import { systemClock } from '../systemClock.ts'
import { fakeEngine, type FakeEngine } from '../testing/fakeEngine.ts'
import { scriptedGateway, type ScriptedGateway } from '../testing/scriptedGateway.ts'
import { memoryFacts } from '../testing/memoryFacts.ts'
import { memoryDocuments, type MemoryDocuments } from '../testing/memoryDocuments.ts'
import type { Transfers } from '../transfers/transfers.ts'
import { openTransfers } from '../testing/openTransfers.ts'
import { quietLog } from '../testing/quietLog.ts'
import { makeTask } from '../testing/tasks.ts'
import { openLessons } from './avoid/openLessons.ts'
import { openFileCache } from './fetch/fileCache.ts'
import type { PauseKind } from './pause.ts'
import { openUploadUrls } from './upload/uploadUrls.ts'
import { startTaskRunner, type TaskRunner } from './taskRunner.ts'

const scene = 'scene'
const sha256 = createHash('sha256').update(scene).digest('hex')
const sceneRef = { sha256, sizeBytes: scene.length, name: 'scene.blend' }
const device = { kind: 'cpu' } as const

let folder: string
let facts: ReturnType<typeof memoryFacts>
let engine: FakeEngine
let gateway: ScriptedGateway
let tasks: MemoryDocuments<Task>
let runs: MemoryDocuments<Run>
let holds: Holds
let pauseKind: PauseKind
let freeBytes: number
let blocked: AppError | null
let restoredAt: number | null
const running: TaskRunner[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pictor-runner-'))
  engine = fakeEngine()
  facts = memoryFacts()
  gateway = scriptedGateway()
  tasks = memoryDocuments<Task>()
  runs = memoryDocuments<Run>()
  pauseKind = 'none'
  freeBytes = 1e12
  blocked = null
  restoredAt = null
  transferHold = null
  roomBytes = Infinity
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((runner) => runner.stop()))
  holds.stop()
  await rm(folder, { recursive: true, force: true })
})

let transferHold: ReturnType<Transfers['hold']>
let tellTransfers: () => void
let roomBytes: number
async function start(): Promise<TaskRunner> {
  const serverClock = createServerClock(systemClock)
  holds = createHolds({ clock: systemClock, serverNow: () => serverClock.now() })
  const runner = await startTaskRunner({
    folder,
    nodeId: 'node-1',
    tasks,
    runs,
    gateway,
    engine,
    verify: (path) =>
      Promise.resolve(path.includes('.png') ? ok({ format: 'PNG', width: 4, height: 4 }) : err(appError('FRAME_MISSING', { frame: 1 }))),
    devices: () => [device],
    priority: () => 'normal',
    limits: () => ({}),
    lessons: openLessons({ local: facts, serverNow: () => serverClock.now() }),
    blocked: () => blocked,
    restoredAtMs: () => restoredAt,
    roomBytes: () => Promise.resolve(roomBytes),
    pause: () => ({ kind: pauseKind, holds: [], nextChangeMs: null }),
    holds,
    serverClock,
    clock: systemClock,
    log: quietLog,
    appendLog: () => undefined,
    freeBytes: () => Promise.resolve(freeBytes),
    pinned: () => [],
    cache: await openFileCache(join(folder, 'cache')),
    urls: await openUploadUrls(join(folder, 'uploads.json'), quietLog),
    upload: gateway.upload,
    transfers: { ...openTransfers, hold: () => transferHold, onChange: (listener) => ((tellTransfers = listener), () => undefined) },
  })
  holds.onChange(() => runner.wake())
  running.push(runner)
  await writeFile(join(folder, 'cache', sha256), scene)
  return runner
}
/** However busy this computer is. */
const soon = (check: () => void) => vi.waitFor(check, { timeout: 20_000 })
const give = (change: Partial<Task> = {}) => tasks.put(makeTask({ scene: sceneRef, ...change }))
const runOf = (id = 'task-1') => runs.content.get(id)
const states = (id = 'task-1') => Object.values(runOf(id)?.frames ?? {}).map(({ state }) => state)
const renders = (id = 'task-1') => Object.values(runOf(id)?.frames ?? {}).map((frame) => frame.renders)
const pauseTo = (kind: PauseKind, runner: TaskRunner) => {
  pauseKind = kind
  runner.wake()
}
/** Holds the engine at a frame until it is let go (or the render is cut). */
function gateAt(frame: number) {
  let open = () => undefined as void
  let arrived = () => undefined as void
  const reached = new Promise<void>((resolve) => (arrived = resolve))
  engine.beforeSave = (_task, now, signal) => {
    if (now !== frame) return Promise.resolve(null)
    arrived()
    return new Promise((resolve) => {
      open = () => resolve(null)
      signal.addEventListener('abort', () => resolve(null), { once: true })
    })
  }
  return { reached, open: () => open() }
}

test('a task goes from assigned to done: each frame rendered, kept, delivered once', async () => {
  await start()
  await give()
  await vi.waitFor(() => expect(runOf()?.state).toBe('done'))
  expect(states()).toEqual(['delivered', 'delivered', 'delivered'])
  expect(renders()).toEqual([1, 1, 1])
  expect(gateway.delivered.map(({ frame }) => frame).sort()).toEqual([1, 2, 3])
  expect(gateway.finished).toMatchObject([{ outcome: 'done' }])
  expect(runOf()).toMatchObject({ blenderVersion: '3.4.1', device: 'CPU' })
  expect(await readdir(join(folder, 'results', 'task-1'))).toEqual(['frame_000001.png', 'frame_000002.png', 'frame_000003.png'])
})

test('a scene that needs more than it was priced for is not rendered for others; one’s own is', async () => {
  await start()
  engine.samples = 100_000_000
  const network = { kind: 'network', microPerFrame: 10, feeBasisPoints: 1_000 } as const
  await give({ quote: network })
  await vi.waitFor(() => expect(runOf()?.state).toBe('failed'))
  expect(runOf()?.error).toMatchObject({ code: 'SCENE_DEARER_THAN_PRICED' })
  expect(gateway.finished).toMatchObject([{ outcome: 'failed', error: { code: 'SCENE_DEARER_THAN_PRICED' } }])
  expect(gateway.delivered).toEqual([])
  await give({ id: 'task-2' })
  await vi.waitFor(() => expect(runOf('task-2')?.state).toBe('done'))
  await give({ id: 'task-3', quote: network, settings: { samples: 100_000_000 } })
  await vi.waitFor(() => expect(runOf('task-3')?.state).toBe('done'))
})

test('a task that is through stays so, however late the server says that it is closed, and after a restart', async () => {
  const first = await start()
  await give()
  await vi.waitFor(() => expect(runOf()?.state).toBe('done'))
  const ended = runOf()
  // The server's word on the first frames, late: the task is still assigned in it.
  await give({ updatedAt: 5 })
  await give({ id: 'task-2', frames: [7] })
  await vi.waitFor(() => expect(runOf('task-2')?.state).toBe('done'))
  expect(runOf()).toEqual(ended)
  await first.stop()
  await start()
  await give({ id: 'task-3', frames: [8] })
  await vi.waitFor(() => expect(runOf('task-3')?.state).toBe('done'))
  expect(runOf()).toEqual(ended)
  expect(gateway.finished).toHaveLength(3)
})

test('a server that was put back gives a task out again that is through here: what is kept is delivered again, the rest is rendered', async () => {
  const first = await start()
  await give()
  await soon(() => expect(runOf()?.state).toBe('done'))
  await give({ id: 'task-2', frames: [7] })
  await soon(() => expect(runOf('task-2')?.state).toBe('done'))
  await rm(join(folder, 'results', 'task-1', 'frame_000002.png'))
  restoredAt = Date.now() + 1
  await give({ updatedAt: 5 })
  await soon(() => expect(gateway.finished).toHaveLength(3))
  await soon(() => expect(runOf()?.state).toBe('done'))
  expect(renders()).toEqual([1, 1, 1])
  expect(gateway.delivered.map(({ taskId, frame }) => `${taskId}/${frame}`).sort()).toEqual(
    ['1', '1', '2', '2', '3', '3'].map((frame) => `task-1/${frame}`).concat('task-2/7'),
  )
  // Once: later words on it that are late change nothing, also after a restart.
  await first.stop()
  await start()
  await give({ updatedAt: 6 })
  await give({ id: 'task-3', frames: [8] })
  await soon(() => expect(runOf('task-3')?.state).toBe('done'))
  expect(gateway.finished.filter(({ taskId }) => taskId === 'task-1')).toHaveLength(2)
}, 60_000)

test('without a line the buffer is worked through; all is delivered when it is back', async () => {
  const runner = await start()
  gateway.setLive(false)
  await give()
  await give({ id: 'task-2', frames: [7] })
  await vi.waitFor(() => expect([runOf()?.state, runOf('task-2')?.state]).toEqual(['uploading', 'uploading']))
  expect(runner.summary()).toMatchObject({ framesWaitingToUpload: 4 })
  expect(gateway.delivered).toEqual([])
  gateway.setLive(true)
  await vi.waitFor(() => expect([runOf()?.state, runOf('task-2')?.state]).toEqual(['done', 'done']))
  expect(gateway.delivered).toHaveLength(4)
})

test('while no files may travel what is here is rendered, nothing is fetched or delivered; then all of it is', async () => {
  const runner = await start()
  await give()
  await vi.waitFor(() => expect(runOf()?.state).toBe('done'))
  transferHold = { code: 'NETWORK_HOURS', untilMs: null, sinceMs: 0 }
  tellTransfers()
  const missing = { ...sceneRef, sha256: 'f'.repeat(64) }
  await give({ id: 'task-2', frames: [7], scene: missing })
  expect(gateway.isLive()).toBe(true)
  await vi.waitFor(() => expect(runOf('task-2')?.state).toBe('queued'))
  await give({ id: 'task-3', frames: [8] })
  await vi.waitFor(() => expect(runOf('task-3')?.state).toBe('uploading'))
  expect([runOf('task-2')?.state, runner.summary().framesWaitingToUpload]).toEqual(['queued', 1])
  expect(gateway.delivered).toHaveLength(3)
  transferHold = null
  tellTransfers()
  await vi.waitFor(() => expect(runOf('task-3')?.state).toBe('done'))
  expect(gateway.delivered).toHaveLength(4)
})

test('files that do not fit into what the owner allows on the disk: the task is given back with that reason, and no other suffers', async () => {
  await start()
  roomBytes = 1_000
  await give({ id: 'task-2', scene: { ...sceneRef, sha256: 'f'.repeat(64), sizeBytes: 5_000 } })
  await vi.waitFor(() => expect(runOf('task-2')?.state).toBe('failed'))
  expect(gateway.finished).toMatchObject([{ taskId: 'task-2', outcome: 'failed', error: { code: 'DISK_LIMIT' } }])
  // What is here already needs no room.
  await give()
  await vi.waitFor(() => expect(runOf()?.state).toBe('done'))
  expect(holds.list()).toEqual([])
})

test('cut in the middle of frame 3 of 5: frames 1 and 2 are not rendered again', async () => {
  const gate = gateAt(3)
  const first = await start()
  gateway.setLive(false)
  await give({ frames: [1, 2, 3, 4, 5] })
  await gate.reached
  await vi.waitFor(() => expect(states()).toEqual(['finished', 'finished', 'rendering', 'queued', 'queued']))
  // As a kill leaves it: what is on disk, nothing else. The old runner gets documents of its own to write to.
  const disk = structuredClone([...runs.content.values()])
  runs = memoryDocuments<Run>(disk)
  await first.stop()
  running.length = 0
  engine.beforeSave = () => Promise.resolve(null)
  gateway.setLive(true)
  await start()
  await vi.waitFor(() => expect(runOf()?.state).toBe('done'))
  expect(renders()).toEqual([1, 1, 2, 1, 1])
  expect(engine.begun.map(({ frame }) => frame)).toEqual([1, 2, 3, 3, 4, 5])
})

test('pause now suspends the engine, also in the run; resuming goes on with the same frame', async () => {
  const gate = gateAt(2)
  const runner = await start()
  await give()
  await gate.reached
  pauseTo('now', runner)
  await vi.waitFor(() => expect(runOf()?.state).toBe('paused'))
  expect(engine.paused).toBe(true)
  // Its memory is said: what the renderer counted last.
  expect(runner.summary().suspended).toEqual({ tasks: 1, ramMiB: 300, vramMiB: 0 })
  pauseTo('none', runner)
  await vi.waitFor(() => expect(engine.paused).toBe(false))
  expect(runner.summary().suspended).toBeNull()
  gate.open()
  await vi.waitFor(() => expect(runOf()?.state).toBe('done'))
  expect(renders()).toEqual([1, 1, 1])
})

test('pause after the frame keeps the frame in progress and begins none', async () => {
  const gate = gateAt(2)
  const runner = await start()
  await give()
  await gate.reached
  pauseTo('afterFrame', runner)
  await vi.waitFor(() => expect(runner.summary().renderingTaskIds).toEqual([]))
  gate.open()
  await vi.waitFor(() => expect(runOf()?.state).toBe('queued'))
  await vi.waitFor(() => expect(states()).toEqual(['delivered', 'delivered', 'queued']))
  pauseTo('none', runner)
  await vi.waitFor(() => expect(runOf()?.state).toBe('done'))
  expect(renders()).toEqual([1, 1, 1])
})

test('a cancelled task is stopped, its kept frames are delivered, and it is released', async () => {
  const gate = gateAt(2)
  await start()
  await give()
  await gate.reached
  await give({ state: 'closed', closedAs: 'cancelled' })
  await vi.waitFor(() => expect(runOf()?.state).toBe('released'))
  expect(runOf()?.error?.code).toBe('CANCELLED')
  expect(gateway.delivered.map(({ frame }) => frame)).toEqual([1])
})

test('a crash of Blender is tried twice again, then the task fails and says so', async () => {
  engine.beforeSave = (_task, frame) => Promise.resolve(frame === 2 ? appError('BLENDER_CRASHED', { reason: 'SIGSEGV' }) : null)
  await start()
  await give()
  await vi.waitFor(() => expect(runOf()?.state).toBe('failed'), { timeout: 20_000 })
  expect(renders()).toEqual([1, 3, 0])
  expect(gateway.finished).toMatchObject([{ outcome: 'failed', failedFrames: [2, 3], error: { code: 'BLENDER_CRASHED' } }])
  expect(gateway.delivered.map(({ frame }) => frame)).toEqual([1])
})

test('a fault of the scene fails the task at once', async () => {
  engine.beforeSave = () => Promise.resolve(appError('SCENE_NO_CAMERA'))
  await start()
  await give()
  await vi.waitFor(() => expect(runOf()?.state).toBe('failed'))
  expect(renders()).toEqual([1, 0, 0])
  expect(holds.list()).toEqual([])
})

test('three failures of this computer in a row hold it', async () => {
  engine.beforeSave = () => Promise.resolve(appError('GPU_OUT_OF_MEMORY'))
  await start()
  for (const id of ['task-1', 'task-2', 'task-3']) await give({ id, frames: [1] })
  await vi.waitFor(() => expect(holds.list().map(({ code }) => code)).toEqual(['REPEATED_FAILURES']))
  await give({ id: 'task-4', frames: [1] })
  await vi.waitFor(() => expect(gateway.finished).toHaveLength(3))
  expect(engine.begun).toHaveLength(3)
})

test('a job of which two chunks failed goes back as far as it was not begun, other work does not; a restart forgets neither that nor the rest', async () => {
  engine.beforeSave = (of) => Promise.resolve(of.id === 'task-5' ? null : appError('GPU_OUT_OF_MEMORY'))
  pauseKind = 'now'
  const first = await start()
  for (const id of ['task-1', 'task-2', 'task-3']) await give({ id, chunkId: `chunk-of-${id}`, frames: [1] })
  pauseTo('none', first)
  await vi.waitFor(() => expect(runOf('task-3')?.state).toBe('released'))
  expect(runOf('task-3')?.error).toMatchObject({ code: 'JOB_AVOIDED' })
  expect(engine.begun).toHaveLength(2)
  await give({ id: 'task-4', jobId: 'job-2', chunkId: 'chunk-4', frames: [1] })
  await vi.waitFor(() => expect(runOf('task-4')?.state).toBe('failed'))
  expect(holds.has('REPEATED_FAILURES')).toBe(true)
  await first.stop()
  const second = await start()
  expect(holds.has('REPEATED_FAILURES')).toBe(true)
  holds.clear('REPEATED_FAILURES')
  await give({ id: 'task-5', jobId: 'job-2', chunkId: 'chunk-5', frames: [1] })
  await give({ id: 'task-6', chunkId: 'chunk-6', frames: [1] })
  await vi.waitFor(() => expect([runOf('task-5')?.state, runOf('task-6')?.state]).toEqual(['done', 'released']))
  expect(second.tasks()).toEqual([])
})

test('a full disk while a frame is saved holds the node and loses nothing', async () => {
  engine.beforeSave = (_task, frame) =>
    Promise.resolve(frame === 2 && freeBytes === 0 ? appError('OUTPUT_UNWRITABLE', { path: '/out' }) : null)
  freeBytes = 0
  await start()
  await give()
  await vi.waitFor(() => expect(holds.has('DISK_FULL')).toBe(true))
  expect(states()[0]).toMatch(/finished|delivered/)
  freeBytes = 1e12
  holds.clear('DISK_FULL')
  await vi.waitFor(() => expect(runOf()?.state).toBe('done'))
  expect(renders()).toEqual([1, 2, 1])
})

test('a journal that cannot be written holds the node, and goes on when it can', async () => {
  const runner = await start()
  runs.failing = () => new AppErrorException(appError('DISK_FULL', { what: 'the database' }))
  await give()
  await vi.waitFor(() => expect(holds.has('DISK_FULL')).toBe(true))
  expect(engine.begun).toEqual([])
  runs.failing = null
  holds.clear('DISK_FULL')
  runner.wake()
  await vi.waitFor(() => expect(runOf()?.state).toBe('done'), { timeout: 20_000 })
  expect(renders()).toEqual([1, 1, 1])
})

test('uploads that are cut are repeated; a superseded frame keeps the reason', async () => {
  gateway.failUploads = 2
  gateway.verdict = ({ frame, sha256: hash }) => ok(frame === 2 ? { verdict: 'superseded' } : { verdict: 'accepted', sha256: hash })
  await start()
  await give()
  await vi.waitFor(() => expect(runOf()?.state).toBe('done'), { timeout: 20_000 })
  expect(runOf()?.frames['2']?.error?.code).toBe('FRAME_SUPERSEDED')
  expect(runOf()?.frames['1']?.error).toBeUndefined()
})

test('a kept picture that is gone is rendered again', async () => {
  await start()
  gateway.setLive(false)
  await give()
  await vi.waitFor(() => expect(runOf()?.state).toBe('uploading'))
  await rm(join(folder, 'results', 'task-1', 'frame_000002.png'))
  gateway.setLive(true)
  await vi.waitFor(() => expect(runOf()?.state).toBe('done'))
  expect(renders()).toEqual([1, 2, 1])
})

test('a kept picture that was damaged on this disk is set aside and rendered again, not sent for ever', async () => {
  const { upload } = gateway
  gateway.upload = async (path, metadata, options) => {
    const sent = createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
    return sent === metadata.sha256 ? upload(path, metadata, options) : err(appError('FILE_HASH_MISMATCH', { name: metadata.name }))
  }
  await start()
  gateway.setLive(false)
  await give()
  await vi.waitFor(() => expect(runOf()?.state).toBe('uploading'))
  await writeFile(join(folder, 'results', 'task-1', 'frame_000002.png'), 'damaged')
  gateway.setLive(true)
  await vi.waitFor(() => expect(runOf()?.state).toBe('done'), { timeout: 10_000 })
  expect(renders()).toEqual([1, 2, 1])
  expect(await readdir(join(folder, 'results', 'task-1'))).toContain('frame_000002.png.bad')
})

test('live values say how far a task is', async () => {
  const gate = gateAt(2)
  const runner = await start()
  await give()
  await gate.reached
  await vi.waitFor(() =>
    expect(runner.live()).toMatchObject([{ taskId: 'task-1', state: 'rendering', frame: 2, framesDone: 1, framesTotal: 3 }]),
  )
  gate.open()
})
