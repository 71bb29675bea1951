import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import type { Run } from '#shared/collections/run.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import { openLocalDatabase } from '../desktop/runtime/database/localDatabase.ts'
import { openDatabase } from '../desktop/runtime/database/openDatabase.ts'
import { createBlenderEngine } from '../desktop/runtime/engines/blender/blenderEngine.ts'
import { verifyFrame } from '../desktop/runtime/engines/images/verifyFrame.ts'
import { parseLine } from '../desktop/runtime/engines/output/parseLine.ts'
import { makeTestScene } from '../desktop/runtime/engines/testing/makeTestScene.ts'
import { createHolds } from '../desktop/runtime/node/holds.ts'
import { createServerClock } from '../desktop/runtime/node/serverClock.ts'
import { getRxStorageNodeSqlite } from '../desktop/runtime/storage/sqlite/index.ts'
import { systemClock } from '../desktop/runtime/systemClock.ts'
import { createIntegrityLook } from '../desktop/runtime/integrity/integrityLook.ts'
import { openBlocks } from '../desktop/runtime/integrity/blocks.ts'
import { watchIntegrity } from '../desktop/runtime/integrity/watchIntegrity.ts'
import { allMeters } from '../desktop/runtime/telemetry/gpuMeter.ts'
import { createGpuStream } from '../desktop/runtime/telemetry/gpuStream.ts'
import { createSysfsMeter } from '../desktop/runtime/telemetry/sysfsMeter.ts'
import { startTelemetry } from '../desktop/runtime/telemetry/telemetry.ts'
import { openFileCache } from '../desktop/runtime/tasks/fetch/fileCache.ts'
import { sha256OfStream } from '../desktop/runtime/tasks/results/sha256.ts'
import { openLessons } from '../desktop/runtime/tasks/avoid/openLessons.ts'
import { startTaskRunner } from '../desktop/runtime/tasks/taskRunner.ts'
import { openUploadUrls } from '../desktop/runtime/tasks/upload/uploadUrls.ts'
import { quietLog } from '../desktop/runtime/testing/quietLog.ts'
import { scriptedGateway } from '../desktop/runtime/testing/scriptedGateway.ts'
import { openTransfers } from '../desktop/runtime/testing/openTransfers.ts'
import { makeTask } from '../desktop/runtime/testing/tasks.ts'
import { rxDocuments } from '../desktop/runtime/world/rxDocuments.ts'
import { compareInTurns, median } from './median.ts'
import type { BenchRow } from './row.ts'

const frames = 10
const rounds = 3
const longestMs = 5 * 60_000

/** Of one whole task: how long it took, and its frames by Blender's own clock. */
interface Took {
  wallMs: number
  framesMs: number
}

/**
 * A whole task of 10 frames through the node's task runner (fetch, Blender in its containment, telemetry and the look at other programs, verification of every pixel, durable keeping in SQLite,
 * delivery; only the gateway is played) against bare `blender -b` on the same scene. In turns; the middle of the rounds counts.
 */
export async function benchRender({ short = false } = {}): Promise<BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-render-'))
  const scene = await makeTestScene({ frames, secondsPerFrame: 2 })
  const [ours, bare]: [Took[], Took[]] = [[], []]
  try {
    const engine = createBlenderEngine({
      logger: quietLog,
      probeCacheFile: join(folder, 'blenders.json'),
      kernelCacheFolder: join(folder, 'kernels'),
    })
    const [blender] = await engine.probe()
    if (blender === undefined) return [{ ...wallRow(null), note: 'no Blender on this computer' }]
    for (let round = 0; round < (short ? 2 : rounds); round += 1) {
      bare.push(await renderBare(blender.path, scene, join(folder, `bare-${round}`)))
      ours.push(await renderTask(engine, scene, join(folder, `ours-${round}`)))
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  const compare = (pick: (one: Took) => number) => compareInTurns(ours.map(pick), bare.map(pick))
  const framesMs = median(bare.map((one) => one.framesMs))
  return [
    wallRow(compare(({ wallMs }) => wallMs)),
    besideRow(
      compare(({ wallMs, framesMs }) => wallMs - framesMs),
      framesMs,
    ),
  ]
}

async function renderBare(program: string, scene: string, folder: string): Promise<Took> {
  await mkdir(folder)
  const begun = performance.now()
  const args = ['-b', scene, '-o', join(folder, 'frame_######'), '-s', '1', '-e', String(frames), '-a']
  const blender = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const [said] = await Promise.all([text(blender.stdout), once(blender, 'exit')])
  const wallMs = performance.now() - begun
  const made = (await readdir(folder)).length
  if (made !== frames) throw new Error(`bare Blender made ${made} frames`)
  const times = said.split('\n').flatMap((line) => {
    const parsed = parseLine(line)
    return parsed.kind === 'frameTime' ? [parsed.elapsedMs] : []
  })
  if (times.length !== frames) throw new Error(`bare Blender told the time of ${times.length} frames`)
  return { wallMs, framesMs: sum(times) }
}

async function renderTask(engine: ReturnType<typeof createBlenderEngine>, scene: string, folder: string): Promise<Took> {
  await mkdir(folder)
  const local = openLocalDatabase(folder)
  const storage = getRxStorageNodeSqlite({ databasePath: join(folder, 'documents.sqlite') })
  const database = await openDatabase({ name: 'bench', storage, local, now: Date.now })
  const serverClock = createServerClock(systemClock)
  const holds = createHolds({ clock: systemClock, serverNow: () => serverClock.now() })
  const gateway = scriptedGateway()
  const cache = await openFileCache(join(folder, 'cache'))
  const { sha256 } = await sha256OfStream(createReadStream(scene))
  await copyFile(scene, cache.pathOf(sha256))
  const tasks = rxDocuments<Task>(database.collections.tasks)
  const runs = rxDocuments<Run>(database.collections.runs)
  const runner = await startTaskRunner({
    ...{ folder, nodeId: 'node-1', tasks, runs, gateway, engine, verify: verifyFrame, holds, serverClock, cache },
    devices: devices,
    transfers: openTransfers,
    priority: () => 'normal',
    limits: () => ({}),
    lessons: openLessons({ local, serverNow: () => serverClock.now() }),
    restoredAtMs: () => null,
    blocked: () => null,
    roomBytes: () => Promise.resolve(Infinity),
    pause: () => ({ kind: 'none', holds: [], nextChangeMs: null }),
    clock: systemClock,
    log: quietLog,
    appendLog: () => undefined,
    freeBytes: () => Promise.resolve(null),
    pinned: () => [],
    urls: await openUploadUrls(join(folder, 'uploads.json'), quietLog),
    upload: gateway.upload,
  })
  // As while a task runs in the product: measured each second, and other programs looked at.
  const telemetry = startTelemetry({
    ...{ nodeId: () => 'node-1', tasks: () => runner.live(), diskFreeMiB: () => Promise.resolve(null), clock: systemClock },
    ...{
      gpus: allMeters([createGpuStream({ clock: systemClock, log: quietLog }), createSysfsMeter()]),
      serverNow: () => serverClock.now(),
    },
    publish: () => undefined,
  })
  const integrity = watchIntegrity({
    look: createIntegrityLook({ clock: systemClock, log: quietLog, cards: [] }),
    blocks: openBlocks({ local, clock: systemClock, serverNow: () => serverClock.now() }),
    ...{ renders: () => devices(), clock: systemClock, log: quietLog },
  })
  integrity.wake()
  const ended = new Promise<Run>((resolve) => runs.onChange((run) => (run.finishedAt === undefined ? undefined : resolve(run))))
  const begun = performance.now()
  const sceneRef = { sha256, sizeBytes: (await stat(scene)).size, name: 'scene.blend' }
  await tasks.put(makeTask({ frames: Array.from({ length: frames }, (_, index) => index + 1), scene: sceneRef }))
  const run = await Promise.race([ended, delay(longestMs, null, { ref: false })])
  if (run === null) throw new Error('the task did not end')
  const wallMs = performance.now() - begun
  integrity.stop()
  telemetry.stop()
  await runner.stop()
  holds.stop()
  await database.close()
  local.close()
  if (run.state !== 'done') throw new Error(`the task ended as ${run.state}: ${run.error?.message}`)
  return { wallMs, framesMs: sum(Object.values(run.frames).map((frame) => frame.renderMs ?? 0)) }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const cpu = [{ kind: 'cpu' }] as const
const devices = () => cpu

type Compared = ReturnType<typeof compareInTurns>

const wallRow = (compared: Compared | null) =>
  row(`render: a whole task of ${frames} frames`, '≤ bare × 1.02 + 1 s', compared, (bareMs) => bareMs * 1.02 + 1_000)
/** Start, scene, verification, keeping, end: what the load of the machine, which meets the frames most, changes least. */
const besideRow = (compared: Compared, framesMs: number) =>
  row('render: what the task takes beside its frames', '≤ bare + 2 % of frames + 1 s', compared, (ms) => ms + framesMs * 0.02 + 1_000)

function row(what: string, goal: string, compared: Compared | null, limitMs: (bareMs: number) => number): BenchRow {
  const seconds = (ms: number | undefined) => (ms === undefined ? null : Math.round(ms / 10) / 100)
  return {
    ...{ what, goal, ours: seconds(compared?.ours), unit: 's', peer: 'bare blender -b', peerValue: seconds(compared?.peer) },
    ...{ ratio: compared?.ratio ?? null, reached: compared === null ? null : compared.ours <= limitMs(compared.peer) },
  }
}
