import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Run } from '#shared/collections/run.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import { appError, type AppError } from '#shared/errors/appError.ts'
import type { FrameExpectation } from '#shared/images/frameExpectation.ts'
import type { Logger } from '#shared/log.ts'
import { exceedsPrice, pricedWork, samplesOfLayers, type PricedWork } from '#shared/rules/quote.ts'
import type { Engine, EngineEvent, EngineImage, EngineRun, RenderDevice, RenderProgress, RenderStarted } from '../../engines/engine.ts'
import type { MemoryLimits } from '../../engines/process/memoryGuard.ts'
import { keepFrame, type VerifyFrame } from '../results/keepFrame.ts'
import { folderNameOf, type ResultStore } from '../results/resultStore.ts'
import type { Journal } from '../run/journal.ts'
import { frameKept, framesIn, frameQueuedAgain, frameStarted, withoutFramesInProgress, withWarning } from '../run/runChanges.ts'

export interface RenderTaskOptions {
  engine: Pick<Engine, 'render'>
  verify: VerifyFrame
  journal: Journal
  results: ResultStore
  /** Scratch and unfinished pictures; on the same file system as the results. */
  workFolder: string
  device: RenderDevice
  priority: 'low' | 'normal'
  limits: MemoryLimits
  serverNow: () => number
  log: Logger
  appendLog: (taskId: string, line: string) => void
  onProgress: (progress: RenderProgress | null) => void
  onFrameKept: (renderMs: number) => void
}

/** How a render came to its end. A bad picture is an error of its frame, whatever Blender thinks. */
type RenderOutcome = { kind: 'finished' } | { kind: 'stopped' } | { kind: 'failed'; frame: number | null; error: AppError }

/** A render in progress. `outcome` never rejects, and when it settles no process is left. */
export interface RunningRender {
  outcome: Promise<RenderOutcome>
  suspend(): void
  resume(): void
  stop(when: 'now' | 'afterFrame'): void
}

/** Renders the frames of a task that are still queued, keeping each the moment it is saved. */
export function startRender(task: Task, scenePath: string, options: RenderTaskOptions): RunningRender {
  const abort = new AbortController()
  const state = { lastFrame: false, suspended: false, run: null as EngineRun | null }
  const outcome = render(task, scenePath, options, abort, state)
    .catch((error: unknown): RenderOutcome => ({ kind: 'failed', frame: null, error: appError('UNEXPECTED', { reason: String(error) }) }))
    .finally(async () => {
      options.onProgress(null)
      await options.journal.change(task.id, (run) => withoutFramesInProgress(run, options.serverNow())).catch(() => undefined)
    })
  return {
    outcome,
    suspend() {
      state.suspended = true
      state.run?.pause()
    },
    resume() {
      state.suspended = false
      state.lastFrame = false
      state.run?.goOn()
      state.run?.resume()
    },
    stop(when) {
      if (when === 'now' || state.suspended) abort.abort()
      else {
        state.lastFrame = true
        state.run?.finishFrame()
      }
    },
  }
}

async function render(
  task: Task,
  scenePath: string,
  options: RenderTaskOptions,
  abort: AbortController,
  state: { lastFrame: boolean; suspended: boolean; run: EngineRun | null },
): Promise<RenderOutcome> {
  const { engine, journal, results, serverNow } = options
  const frames = framesIn(journal.get(task.id) ?? failNoRun(task.id), 'queued')
  const folder = join(options.workFolder, folderNameOf(task.id))
  await mkdir(folder, { recursive: true })
  const outputFolder = join(folder, 'out')
  state.run = engine.render(
    {
      ...{ id: task.id, scenePath, frames, outputFolder, workFolder: join(folder, 'scratch') },
      ...{ settings: task.settings, device: options.device, priority: options.priority, limits: options.limits },
      ...(task.kind === 'upscale' ? { images: imagesOf(task, scenePath) } : {}),
    },
    abort.signal,
  )
  if (state.suspended) state.run.pause()
  if (state.lastFrame) state.run.finishFrame()
  let bad: { frame: number | null; error: AppError } | null = null
  let last: EngineEvent | null = null
  for await (const event of state.run) {
    last = event
    if (event.type === 'frameSaved') {
      const kept = await keepFrame(task, event.frame, event.path, wanted(task, event.frame, event.expectation), {
        verify: options.verify,
        results,
      })
      if (kept.ok) {
        const startedFirst = (run: Run) => (isStarted(run, event.frame) ? run : frameStarted(run, event.frame, serverNow()))
        await journal.change(task.id, (run) =>
          frameKept(startedFirst(run), event.frame, { ...kept.value, renderMs: event.renderMs }, serverNow()),
        )
        options.onFrameKept(event.renderMs)
      } else {
        bad ??= { frame: event.frame, error: kept.error }
        await journal.change(task.id, (run) => frameQueuedAgain(run, event.frame, serverNow(), kept.error))
      }
      if (bad?.error.code === 'DISK_FULL') abort.abort()
    } else await take(task.id, event, options)
    const dearer = event.type === 'started' ? dearerThanPriced(task, event) : null
    if (dearer !== null) {
      // Nobody has to render for others what was not priced: the task ends here, before its first frame.
      bad = { frame: null, error: dearer }
      abort.abort()
    }
  }
  await rm(folder, { recursive: true, force: true }).catch((error: unknown) =>
    options.log.warn('scratch was left behind', { folder, reason: String(error) }),
  )
  if (bad !== null) return { kind: 'failed', ...bad }
  if (last?.type === 'failed') return { kind: 'failed', frame: frameInProgress(journal.get(task.id)), error: last.error }
  return last?.type === 'finished' ? { kind: 'finished' } : { kind: 'stopped' }
}

async function take(taskId: string, event: EngineEvent, options: RenderTaskOptions): Promise<void> {
  const { journal, serverNow } = options
  switch (event.type) {
    case 'started':
      await journal.change(taskId, (run) => ({
        ...run,
        ...(event.blenderVersion === '' ? { engine: event.engine } : { blenderVersion: event.blenderVersion }),
        device: event.device,
        updatedAt: serverNow(),
      }))
      break
    case 'frameStarted':
      // On disk before the frame is far, so that a crash in it is counted.
      await journal.change(taskId, (run) => frameStarted(run, event.frame, serverNow()))
      options.onProgress({ frame: event.frame })
      break
    case 'progress':
      options.onProgress(event)
      break
    case 'log':
      options.appendLog(taskId, event.line)
      break
    case 'warning':
      await journal.change(taskId, (run) => withWarning(run, event.warning, serverNow()))
      break
    case 'frameSaved':
    case 'finished':
    case 'failed':
    case 'cancelled':
      break
  }
}

/** What was never said of a scene is priced as a usual frame; the open scene tells what it really is. */
function dearerThanPriced({ kind, quote, settings, info }: Task, started: RenderStarted): AppError | null {
  // Of a picture the size was said, and is checked before it is begun.
  if (kind === 'upscale') return null
  const priced = pricedWork(settings, info)
  const { samples, layerSamples, engine, rendered } = started
  const found = { ...priced, ...rendered, samples: samples === undefined ? priced.samples : samplesOfLayers(samples, layerSamples), engine }
  if (quote.kind !== 'network' || !exceedsPrice(priced, found)) return null
  return appError('SCENE_DEARER_THAN_PRICED', { found: inWords(found), priced: inWords(priced) })
}
const inWords = ({ width, height, views = 1, samples, engine }: PricedWork) =>
  `${width} × ${height}${views === 1 ? '' : `, ${views} views`}, ${samples} samples, ${engine}`

/** The pictures of an upscaling task: its files in the order of its frames, where they were laid out. */
function imagesOf({ frames, scene, extraFiles }: Task, scenePath: string): EngineImage[] {
  const files = [scene, ...extraFiles]
  return frames.flatMap((frame, index) => {
    const { name, width, height } = files[index] ?? scene
    if (width === undefined || height === undefined) return []
    return { frame, path: join(dirname(scenePath), name), name, width, height }
  })
}

/** What the scene says, but in the format the server expects. */
const wanted = (task: Task, frame: number, expectation: FrameExpectation): FrameExpectation => ({
  ...expectation,
  frame,
  format: task.format,
})

const isStarted = (run: Run, frame: number) => run.frames[String(frame)]?.state === 'rendering'
const frameInProgress = (run: Run | null) => (run === null ? null : (framesIn(run, 'rendering')[0] ?? framesIn(run, 'queued')[0] ?? null))

function failNoRun(taskId: string): never {
  throw new Error(`task ${taskId} has no run`)
}
