import type { RenderSettings } from '#shared/collections/job.schema.ts'
import type { AppError } from '#shared/errors/appError.ts'
import type { Fault } from '#shared/errors/codes.ts'
import type { DeviceProof } from './devices/deviceProof.ts'
import type { MemoryLimits } from './process/memoryGuard.ts'
import type { FrameExpectation } from '#shared/images/frameExpectation.ts'

/**
 * What the task runner needs of anything that makes frames: Blender, and the upscaler.
 * Engines know files and processes, nothing of tasks' leases, uploads or money.
 */
export interface Engine {
  readonly kind: 'blender' | 'upscale'
  /** Looks for installed programs and asks each once what it can do; answers are kept on disk until the program changes. */
  probe(signal?: AbortSignal): Promise<EngineSoftware[]>
  /**
   * Starts to render. The events end with exactly one of `finished`, `failed` or `cancelled`; by then no process is left.
   * Aborting ends the whole process tree, with SIGKILL after a grace period. Never throws: what goes wrong is an event.
   */
  render(task: EngineTask, signal: AbortSignal): EngineRun
}

/** One installed program with what it can do; the shape of `software` in the node's document. */
export interface EngineSoftware {
  kind: string
  version: string
  path: string
  /** Render engines by Blender's own ids, e.g. CYCLES. */
  engines: string[]
  /** Cycles backends with at least one device, e.g. CPU, OPTIX. */
  devices: string[]
  denoisers: string[]
  /** Devices that were tried with one sample; absent: not tried. */
  proofs?: DeviceProof[]
}

export interface EngineTask {
  /** Names the run in logs only. */
  id: string
  scenePath: string
  /** Frames still to do; rendered in rising order. */
  frames: readonly number[]
  /** Frames are written here as `frame_000012.png`; made if missing. Files of that name are overwritten. */
  outputFolder: string
  /** Scratch of this run: Blender's home and temporary files. Made if missing, emptied at the end. */
  workFolder: string
  settings: RenderSettings
  /** Upscaling: the picture of each frame, with the size that its job says. */
  images?: readonly EngineImage[]
  device: RenderDevice
  /** What it may keep in memory; more ends the run with RAM_LIMIT or VRAM_LIMIT. Default: whatever there is. */
  limits?: MemoryLimits
  /** `low`: whatever else runs on this computer goes first. Default: normal. */
  priority?: 'low' | 'normal'
  /** Silence longer than this ends the run with BLENDER_TIMED_OUT; default `durations.renderSilenceMs`. Pauses do not count. */
  silenceMs?: number
}

export interface EngineImage {
  frame: number
  path: string
  /** What people call it. */
  name: string
  width: number
  height: number
}

export type RenderDevice =
  | { kind: 'cpu'; threads?: number }
  /** `backends` in order of preference; default OPTIX, CUDA, HIP, ONEAPI, METAL. `visible` limits the run to these cards (UUIDs or indices). */
  | { kind: 'gpu'; backends?: string[]; visible?: string[]; threads?: number }

/** A running render: iterate it once. Reading slowly is safe: progress is merged, log lines are dropped oldest first, frames never. */
export interface EngineRun extends AsyncIterable<EngineEvent> {
  /** Stops the whole process group in place (SIGSTOP); it keeps its memory. */
  pause(): void
  resume(): void
  /** The frame in progress is the last one: no other is begun, and the run ends as `cancelled` (or `finished`, if none was left). */
  finishFrame(): void
  /** Takes `finishFrame` back; too late when the run has ended meanwhile. */
  goOn(): void
}

export interface RenderProgress {
  frame: number
  sample?: number
  samples?: number
  /** 0…1 of this frame, when it can be told. */
  fraction?: number
  /** What Blender expects for the rest of this frame. */
  remainingMs?: number
  elapsedMs?: number
  /** Blender's own memory now and at its highest. */
  memMiB?: number
  peakMiB?: number
  /** Cycles' own count: of the card when it renders on one. */
  deviceMemMiB?: number
  devicePeakMiB?: number
  /** What it is doing, in Blender's words. */
  status?: string
}

/** What the scene turned out to be once it was open and the task's settings were applied. */
export interface RenderStarted {
  blenderVersion: string
  engine: string
  /** e.g. "CPU" or "OPTIX: NVIDIA GeForce RTX 4090" */
  device: string
  samples?: number
  /** Of each view layer, 0: the scene's; absent where there is one layer that says nothing. */
  layerSamples?: number[]
  /** What is rendered of each frame, and how many times (views); absent where the engine renders pictures whole. */
  rendered?: { width: number; height: number; views: number }
  expectation: Omit<FrameExpectation, 'frame'>
}

export type EngineEvent =
  | ({ type: 'started' } & RenderStarted)
  | ({ type: 'progress' } & RenderProgress)
  | { type: 'frameStarted'; frame: number }
  /** The file is closed and has some bytes; that it holds a picture is for `verifyFrame` to prove. */
  | { type: 'frameSaved'; frame: number; path: string; renderMs: number; expectation: FrameExpectation }
  | { type: 'log'; line: string; stream: 'stdout' | 'stderr' }
  | { type: 'warning'; warning: AppError }
  | { type: 'finished'; framesSaved: number }
  | { type: 'failed'; error: AppError; fault: Fault }
  | { type: 'cancelled' }
