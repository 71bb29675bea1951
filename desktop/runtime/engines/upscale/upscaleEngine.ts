import { rm } from 'node:fs/promises'
import { appError, errorTraits, toAppError } from '#shared/errors/appError.ts'
import type { Logger } from '#shared/log.ts'
import { createFrameGate } from '../blender/frameGate.ts'
import { createPauseGate, type PauseGate } from '../blender/pauseGate.ts'
import type { Engine, EngineEvent, EngineRun, EngineSoftware, EngineTask } from '../engine.ts'
import { createEventQueue } from '../eventQueue.ts'
import type { Containment } from '../process/containment.ts'
import type { MemoryGuard } from '../process/memoryGuard.ts'
import { backendsFor } from './backends.ts'
import { probeUpscaler } from './probeUpscaler.ts'
import { upscaleOnce, type UpscaleOutcome } from './upscaleOnce.ts'
import type { UpscalerProgram } from './upscalerProgram.ts'

export interface UpscaleEngineOptions {
  logger: Logger
  /** null: this installation has none. */
  program: UpscalerProgram | null
  /** Where the probe's answers are kept. */
  probeCacheFile: string
  /** How renders are kept apart here; the upscaler is as well. */
  containment: Containment
  /** Shared with Blender's, because the limit is that of all processes together. */
  memory: MemoryGuard
}

/** The upscaler behind the engine interface. Each run is a process of its own, which has nothing open but its pictures. */
export function createUpscaleEngine(options: UpscaleEngineOptions): Engine {
  const { program } = options
  const logger = options.logger.child('upscaler')

  const probe = async (signal: AbortSignal = new AbortController().signal): Promise<EngineSoftware[]> => {
    if (program === null) return []
    return probeUpscaler({
      program,
      memory: options.memory,
      cacheFile: options.probeCacheFile,
      containment: options.containment,
      logger,
      signal,
      nowMs: () => Date.now(),
    })
  }

  async function run(task: EngineTask, gate: PauseGate, push: (event: EngineEvent) => void, signal: AbortSignal): Promise<UpscaleOutcome> {
    const { scale } = task.settings
    if (program === null) return { kind: 'failed', error: appError('UPSCALER_MISSING') }
    const known = new Set((task.images ?? []).map(({ frame }) => frame))
    if (scale === undefined || !task.frames.every((frame) => known.has(frame)))
      return { kind: 'failed', error: appError('JOB_INVALID', { reason: 'a picture to upscale has no size' }) }
    const common = {
      task,
      scale,
      backends: backendsFor(task.device),
      program,
      push,
      gate,
      signal,
      memory: options.memory,
      containment: options.containment,
    }
    const outcome = await upscaleOnce(common)
    if (outcome.kind !== 'notContained') return outcome
    options.containment.weaken(outcome.reason)
    return upscaleOnce(common)
  }

  function render(task: EngineTask, signal: AbortSignal): EngineRun {
    const abandoned = new AbortController()
    const either = AbortSignal.any([signal, abandoned.signal])
    const gate = createPauseGate()
    const frames = createFrameGate(task.workFolder, (error) => {
      logger.warn('the upscaler could not be told to end after its picture; it is ended now', { reason: toAppError(error).message })
      abandoned.abort()
    })
    const queue = createEventQueue(() => abandoned.abort())
    // Cancelling a paused run: a stopped process could not end itself.
    either.addEventListener('abort', () => gate.resume(), { once: true })
    let framesSaved = 0
    const push = (event: EngineEvent): void => {
      if (event.type === 'frameSaved') framesSaved += 1
      queue.push(event)
    }
    void (async () => {
      try {
        const outcome = await run(task, gate, push, either).catch((error: unknown): UpscaleOutcome => ({
          kind: 'failed',
          error: notStarted(error),
        }))
        await rm(task.workFolder, { recursive: true, force: true, maxRetries: 3 }).catch((error: unknown) => {
          logger.warn('the scratch folder could not be removed', { path: task.workFolder, reason: toAppError(error).message })
        })
        queue.push(lastEvent(outcome, framesSaved))
      } finally {
        queue.close()
      }
    })()
    return {
      ...{ pause: gate.pause, resume: gate.resume, finishFrame: frames.close, goOn: frames.open },
      [Symbol.asyncIterator]: queue.iterate,
    }
  }

  return { kind: 'upscale', probe, render }
}

/** A system call failed before anything ran: the disk, or the program itself. */
function notStarted(error: unknown) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ENOSPC' || code === 'EDQUOT') return appError('DISK_FULL', { what: 'the pictures' })
  if (error instanceof Error && 'syscall' in error && String(error.syscall).startsWith('spawn')) return appError('UPSCALER_MISSING')
  return toAppError(error)
}

function lastEvent(outcome: UpscaleOutcome, framesSaved: number): EngineEvent {
  if (outcome.kind === 'finished') return { type: 'finished', framesSaved }
  if (outcome.kind === 'cancelled') return { type: 'cancelled' }
  const error = outcome.kind === 'failed' ? outcome.error : appError('PROCESS_FAILED', { name: 'bubblewrap', reason: outcome.reason })
  return { type: 'failed', error, fault: errorTraits(error.code).fault }
}
