import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { appError, errorTraits, toAppError, type AppError } from '#shared/errors/appError.ts'
import type { Logger } from '#shared/log.ts'
import type { Result } from '#shared/result.ts'
import { findBlenders } from '../discovery/findBlenders.ts'
import { createProbeCache } from '../discovery/probeCache.ts'
import type { Engine, EngineEvent, EngineRun, EngineSoftware, EngineTask } from '../engine.ts'
import { proofsInWords, provenDevice } from '../devices/deviceProof.ts'
import { createProofCache } from '../devices/proofCache.ts'
import { proveDevices, type ProvableCard } from '../devices/proveDevices.ts'
import { createEventQueue } from '../eventQueue.ts'
import { chooseBlender } from '../scene/chooseBlender.ts'
import { readSceneHeader } from '../scene/sceneHeader.ts'
import { walkScene } from '../scene/walkScene.ts'
import { scratchFolders } from './environment.ts'
import { startDisplay, type Display } from './display.ts'
import { createContainment, type Containment } from '../process/containment.ts'
import { systemClock } from '../../systemClock.ts'
import { createMemoryGuard, type MemoryGuard } from '../process/memoryGuard.ts'
import { createFrameGate } from './frameGate.ts'
import { createPauseGate, type PauseGate } from './pauseGate.ts'
import { renderOnce, type RenderOutcome } from './renderOnce.ts'
import { notStarted } from './runScript.ts'

export interface BlenderEngineOptions {
  logger: Logger
  /** Where the probe's answers are kept, e.g. `<data>/cache/blenders.json`. */
  probeCacheFile: string
  /** Compiled kernels and shaders of the cards; outlives runs, because making them takes seconds to minutes. Default: beside the probe's. */
  kernelCacheFolder?: string
  /** Programs or folders from the settings, read at every probe. */
  chosen?: () => readonly string[]
  /** The cards of this computer: each is proven with one sample in each Blender. Default: devices are not proven, as for looking into scenes. */
  cards?: () => readonly ProvableCard[]
  /** Shared with other engines, because the limit is that of all their processes together. Default: one of its own. */
  memory?: MemoryGuard
  /** Shared with whoever else starts programs here. Default: one of its own, as strong as this system allows. */
  containment?: Containment
}

export interface BlenderEngine extends Engine {
  /** How its programs are kept apart from the rest of this computer. */
  containment: Containment
}

/** Blender behind the engine interface. Starts nothing by itself; `probe` once before the first `render`, or `render` does it. */
export function createBlenderEngine(options: BlenderEngineOptions): BlenderEngine {
  const cache = createProbeCache(options.probeCacheFile)
  const proofs = createProofCache(join(dirname(options.probeCacheFile), 'deviceProofs.json'))
  const memory = options.memory ?? createMemoryGuard({ clock: systemClock })
  const logger = options.logger.child('blender')
  const containment = options.containment ?? createContainment({ clock: systemClock, log: logger })
  const needDisplay = new Set<string>()
  const cacheFolder = options.kernelCacheFolder ?? join(dirname(options.probeCacheFile), 'kernels')
  let installed: EngineSoftware[] | undefined

  const probe = async (signal?: AbortSignal): Promise<EngineSoftware[]> => {
    installed = await findBlenders({ containment, chosen: options.chosen?.() ?? [], cache, logger, ...(signal ? { signal } : {}) })
    if (options.cards !== undefined)
      installed = await proveDevices({
        containment,
        blenders: installed,
        cards: options.cards(),
        cache: proofs,
        cacheFolder,
        logger,
        ...(signal ? { signal } : {}),
      })
    return installed
  }

  const choose = async (task: EngineTask, signal: AbortSignal): Promise<Result<EngineSoftware>> => {
    const header = await readSceneHeader(task.scenePath)
    if (!header.ok) return header
    return chooseBlender(header.value.version, installed ?? (await probe(signal)))
  }

  const run = async (
    task: EngineTask,
    gate: PauseGate,
    push: (event: EngineEvent) => void,
    signal: AbortSignal,
  ): Promise<RenderOutcome> => {
    const chosen = await choose(task, signal)
    if (!chosen.ok) return signal.aborted ? { kind: 'cancelled' } : { kind: 'failed', error: chosen.error, saved: new Set() }
    const blender = chosen.value
    const device = provenDevice(task.device, blender)
    // Another Blender may have proven this card; this one did not, and the processor is no substitute that anybody asked for.
    if (device === null)
      return { kind: 'failed', error: appError('DEVICE_FELL_BACK', { device: proofsInWords(blender.proofs ?? []) }), saved: new Set() }
    const attempt = async (frames: readonly number[], display?: string): Promise<RenderOutcome> => {
      const shown = display === undefined ? {} : { display }
      const common = { task: { ...task, frames, device }, blender, push, gate, signal, cacheFolder, memory, containment, ...shown }
      const outcome = await renderOnce(common)
      if (outcome.kind !== 'notContained') return outcome
      containment.weaken(outcome.reason)
      return renderOnce(common)
    }
    if (!needDisplay.has(blender.path)) {
      const outcome = await attempt(task.frames, process.env['DISPLAY'])
      if (outcome.kind !== 'failed' || outcome.error.code !== 'DISPLAY_MISSING') return outcome
      logger.info('this Blender draws only on a display: starting one', { path: blender.path })
      const frames = task.frames.filter((frame) => !outcome.saved.has(frame))
      return withDisplay(task, outcome.saved, async (display) => {
        const second = await attempt(frames, display.name)
        // Only when it helped: a scene must not be able to switch this on for good.
        if (second.kind === 'finished') needDisplay.add(blender.path)
        return second
      })
    }
    return withDisplay(task, new Set(), (display) => attempt(task.frames, display.name))
  }

  const render = (task: EngineTask, signal: AbortSignal): EngineRun => {
    const abandoned = new AbortController()
    const either = AbortSignal.any([signal, abandoned.signal])
    const gate = createPauseGate()
    const frames = createFrameGate(task.workFolder, (error) => {
      // Without the file Blender would go on for hours: better to lose a frame than to ignore who wants the card back.
      logger.warn('the render could not be told to end after its frame; it is ended now', { reason: toAppError(error).message })
      abandoned.abort()
    })
    const queue = createEventQueue(() => abandoned.abort())
    // Cancelling a paused render: a stopped process could not end itself.
    either.addEventListener('abort', () => gate.resume(), { once: true })
    let framesSaved = 0
    const push = (event: EngineEvent): void => {
      if (event.type === 'frameSaved') framesSaved += 1
      queue.push(event)
    }
    void (async () => {
      try {
        const outcome = await run(task, gate, push, either).catch((error: unknown): RenderOutcome => failedToStart(error))
        await rm(task.workFolder, { recursive: true, force: true, maxRetries: 3 }).catch((error: unknown) => {
          logger.warn('the scratch folder could not be removed', { path: task.workFolder, reason: toAppError(error).message })
        })
        queue.push(lastEvent(await explain(outcome, task), framesSaved))
      } finally {
        queue.close()
      }
    })()
    const steer = { pause: gate.pause, resume: gate.resume, finishFrame: frames.close, goOn: frames.open }
    return { ...steer, [Symbol.asyncIterator]: queue.iterate }
  }

  return { kind: 'blender', probe, render, containment }
}

async function withDisplay(
  task: EngineTask,
  saved: ReadonlySet<number>,
  use: (display: Display) => Promise<RenderOutcome>,
): Promise<RenderOutcome> {
  const display = await startDisplay(scratchFolders(task.workFolder).temporary)
  if (!display.ok) return { kind: 'failed', error: display.error, saved }
  try {
    return await use(display.value)
  } finally {
    await display.value.stop()
  }
}

/** Blender says little about a damaged scene; walking it tells whether it was cut off. Costs nothing as long as all goes well. */
async function explain(outcome: RenderOutcome, task: EngineTask): Promise<RenderOutcome> {
  if (outcome.kind !== 'failed' || !['SCENE_UNREADABLE', 'SCENE_NOT_BLEND', 'BLENDER_CRASHED'].includes(outcome.error.code)) return outcome
  const walked = await walkScene(task.scenePath)
  return walked.ok ? outcome : { ...outcome, error: walked.error }
}

function failedToStart(error: unknown): RenderOutcome {
  const known: AppError = error instanceof Error && 'syscall' in error ? startError(error) : toAppError(error)
  return { kind: 'failed', error: known, saved: new Set() }
}

/** A system call failed before Blender ran: the disk, or the program itself. */
function startError(error: Error & { syscall: unknown }): AppError {
  const path = 'path' in error ? String(error.path) : ''
  if (String(error.syscall).startsWith('spawn')) return notStarted(error, path)
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'ENOSPC' || code === 'EDQUOT') return appError('DISK_FULL', { what: 'the frames' })
  return appError('OUTPUT_UNWRITABLE', { path })
}

function lastEvent(outcome: RenderOutcome, framesSaved: number): EngineEvent {
  if (outcome.kind === 'finished') return { type: 'finished', framesSaved }
  if (outcome.kind === 'cancelled') return { type: 'cancelled' }
  if (outcome.kind === 'notContained')
    return { type: 'failed', error: appError('PROCESS_FAILED', { name: 'bubblewrap', reason: outcome.reason }), fault: 'ours' }
  const { error } = outcome
  return { type: 'failed', error, fault: errorTraits(error.code).fault }
}
