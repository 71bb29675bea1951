import type { AppError } from '#shared/errors/appError.ts'
import { isEnded, moveRun } from '#shared/rules/runState.ts'
import type { RenderDevice } from '../../engines/engine.ts'
import { isSameSlot } from '../../node/deviceSlots.ts'
import type { LearntTask } from '../avoid/avoidance.ts'
import { backOffMs } from '../backOff.ts'
import { layOut } from '../fetch/jobFolder.ts'
import { judgeFailure } from '../render/failurePolicy.ts'
import { startRender } from '../render/renderTask.ts'
import { isDiskFull } from '../../storage/syncedFiles.ts'
import { errorField, frameFailed } from '../run/runChanges.ts'
import type { RunnerContext, TaskEntry } from '../taskRunner.ts'

/** Below this the disk counts as full, whatever name the failure had. */
const lowDiskBytes = 16 * 1024 * 1024

/** Renders what is left of a task on a free device, until it is through, stopped or failed. */
export async function renderTask(context: RunnerContext, entry: TaskEntry): Promise<void> {
  const { serverClock, journal, log } = context
  const { task } = entry
  const device = freeDevice(context)
  if (device === null) {
    entry.notBeforeMs = serverClock.latest() + 1_000
    return
  }
  Object.assign(entry, { activity: 'rendering', device })
  try {
    const scene = await layOut(task, context.scenesFolder, context.cache).catch((error: unknown) => {
      if (isDiskFull(error)) context.holds.set('DISK_FULL', { blocks: true })
      // A file that was evicted or damaged meanwhile is fetched again.
      entry.fetched = false
      throw error
    })
    if (!scene.ok) return await giveUp(context, entry, null, scene.error)
    await journal.change(task.id, (run) => moveRun(run, 'rendering', serverClock.now()))
    const render = startRender(task, scene.value, {
      ...context,
      device,
      priority: context.priority(),
      limits: context.limits(),
      serverNow: () => serverClock.now(),
      onProgress: (progress) => (entry.progress = progress),
      onFrameKept: (renderMs) => {
        context.estimates.learn(task.jobId, renderMs)
        context.lessons.worked(learntTask(context, entry))
        context.deliveries.wake()
      },
    })
    entry.render = render
    log.info('rendering', { taskId: task.id, frames: task.frames.length, device: device.kind })
    const outcome = await render.outcome
    if (outcome.kind === 'failed') await failed(context, entry, outcome.frame, outcome.error)
  } finally {
    Object.assign(entry, { activity: 'none', render: null, device: null, progress: null })
    const run = journal.get(task.id)
    if (run !== null && !isEnded(run.state) && run.state !== 'queued' && run.state !== 'uploading')
      await journal.change(task.id, (now) => moveRun(now, 'queued', serverClock.now()))
  }
}

function freeDevice({ devices, entries }: RunnerContext): RenderDevice | null {
  const used = [...entries.values()].flatMap(({ device }) => (device === null ? [] : [device]))
  return devices().find((device) => !used.some((one) => isSameSlot(one, device))) ?? null
}

async function failed(context: RunnerContext, entry: TaskEntry, frame: number | null, error: AppError): Promise<void> {
  const { journal, failures, log, holds, serverClock } = context
  const run = journal.get(entry.task.id)
  if (run === null) return
  const full = error.code === 'DISK_FULL' || ((await context.freeBytes()) ?? Infinity) < lowDiskBytes
  const count = full ? 0 : failures.ofFrame(run, frame)
  const verdict = full ? 'hold' : judgeFailure(error, count)
  log.warn('rendering failed', { taskId: run.id, frame, code: error.code, reason: error.message, verdict })
  if (verdict === 'hold') holds.set('DISK_FULL', { blocks: true })
  else if (verdict === 'retry') entry.notBeforeMs = serverClock.latest() + backOffMs(count, { minMs: 1_000, maxMs: 30_000 })
  else await giveUp(context, entry, frame, error)
}

/** The task cannot be done here. Its finished pictures are delivered before it is reported as failed. */
async function giveUp(context: RunnerContext, entry: TaskEntry, frame: number | null, error: AppError): Promise<void> {
  const { journal, lessons } = context
  const { task } = entry
  const nowMs = context.serverClock.now()
  await journal.change(task.id, (run) => {
    const marked = frame === null || run.frames[String(frame)] === undefined ? run : frameFailed(run, frame, error, nowMs)
    return { ...marked, error: errorField(error), updatedAt: nowMs }
  })
  lessons.failed(learntTask(context, entry), error)
}

/** What a task has in common with others, as far as that may be why it works here or does not. */
function learntTask({ journal }: RunnerContext, { task, device }: TaskEntry): LearntTask {
  const engine = task.settings.engine ?? task.info.engine
  const version = /^\d+\.\d+/.exec(journal.get(task.id)?.blenderVersion ?? '')?.[0]
  const card = device?.kind === 'gpu' && device.visible?.length === 1 ? device.visible[0] : undefined
  return {
    jobId: task.jobId,
    chunkId: task.chunkId,
    jobName: task.jobName,
    traits: {
      kind: task.kind,
      ...(engine === undefined ? {} : { engine }),
      ...(version === undefined ? {} : { version }),
      ...(card === undefined ? {} : { card }),
    },
  }
}
