import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { durations } from '#shared/durations.ts'
import { appError, type AppError } from '#shared/errors/appError.ts'
import type { EngineEvent, EngineSoftware, EngineTask } from '../engine.ts'
import { gpuBackends } from '../devices/deviceProof.ts'
import { newChannelPrefix } from '../output/channel.ts'
import type { ContainedTree, Containment } from '../process/containment.ts'
import type { MemoryGuard } from '../process/memoryGuard.ts'
import { readLines, watchSilence } from '../process/listen.ts'
import { renderArguments } from './arguments.ts'
import { blenderEnvironment, scratchFolders } from './environment.ts'
import { failureOf } from './failure.ts'
import { frameGatePath } from './frameGate.ts'
import type { PauseGate } from './pauseGate.ts'
import { createRenderState } from './renderState.ts'
import { composeScript } from './scripts/channelScript.ts'
import { linkedFilesScript } from './scripts/linkedFilesScript.ts'
import { renderScript } from './scripts/renderScript.ts'
import { sceneFactsScript } from './scripts/sceneFactsScript.ts'

export interface RenderOnce {
  task: EngineTask
  blender: EngineSoftware
  display?: string
  cacheFolder?: string
  containment: Containment
  push: (event: EngineEvent) => void
  gate: PauseGate
  memory: MemoryGuard
  signal: AbortSignal
}

export type RenderOutcome =
  | { kind: 'finished'; framesSaved: number }
  | { kind: 'failed'; error: AppError; saved: ReadonlySet<number> }
  | { kind: 'cancelled' }
  /** The containment gave up before it started Blender: nothing was read of the scene yet. */
  | { kind: 'notContained'; reason: string }

/** One Blender process from start to end. Nothing of it is left when this settles, except the frames. Throws only what `spawn` throws. */
export async function renderOnce(run: RenderOnce): Promise<RenderOutcome> {
  if (run.signal.aborted) return { kind: 'cancelled' }
  const { task } = run
  const prefix = newChannelPrefix()
  const scriptPath = await writeScript(run, prefix)
  await Promise.all(task.frames.map((frame) => removeOldFrame(task, frame)))
  const tree = await startBlender(run, scriptPath)
  try {
    return await follow(run, tree, prefix)
  } finally {
    await tree.close()
  }
}

/** Listens to a Blender that runs until it has ended. */
async function follow(run: RenderOnce, tree: ContainedTree, prefix: string): Promise<RenderOutcome> {
  const { task, gate, signal } = run
  const detach = gate.attach(tree)
  let ownCountMiB = 0
  const push = (event: EngineEvent) => {
    if (event.type === 'progress') ownCountMiB = event.deviceMemMiB ?? ownCountMiB
    run.push(event)
  }
  const state = createRenderState(task, prefix, push, gate.pausedMs)
  let overLimit: AppError | undefined
  const unwatch = run.memory.watch({
    ...{ pid: tree.pid, limits: task.limits ?? {}, onCard: task.device.kind === 'gpu', ownCountMiB: () => ownCountMiB },
    onOver(error) {
      overLimit ??= error
      // A suspended process would not see that it is to end.
      gate.resume()
      void tree.stop()
    },
  })
  const silence = watchSilence(tree, task.silenceMs ?? durations.renderSilenceMs, gate)
  readLines(tree, (line, stream) => {
    silence.heard()
    state.readLine(line, stream)
  })
  const stop = () => void tree.stop()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  const exit = await tree.exited
  signal.removeEventListener('abort', stop)
  unwatch()
  silence.end()
  detach()
  if (signal.aborted) return { kind: 'cancelled' }
  const gaveUp = tree.gaveUp(state.lastLines())
  if (gaveUp !== null) return { kind: 'notContained', reason: gaveUp }
  const missing = task.frames.filter((frame) => !state.saved().has(frame))
  if (missing.length === 0) return { kind: 'finished', framesSaved: task.frames.length }
  if (state.stopped()) return { kind: 'cancelled' }
  const error =
    overLimit ??
    (await tree.verdict()) ??
    (silence.ran() ? appError('BLENDER_TIMED_OUT', { minutes: Math.round(silence.limitMs / 60_000) }) : failureOf(state, exit, missing))
  return { kind: 'failed', error, saved: state.saved() }
}

async function writeScript({ task }: RenderOnce, prefix: string): Promise<string> {
  const { nodes, ...others } = scratchFolders(task.workFolder)
  for (const folder of [nodes, ...Object.values(others), task.outputFolder]) await mkdir(folder, { recursive: true })
  const device = task.device.kind === 'gpu' ? { kind: 'gpu', backends: task.device.backends ?? gpuBackends } : { kind: 'cpu' }
  const { engine, samples, width, height, format } = task.settings
  const places = { outputFolder: task.outputFolder, scratchFolder: nodes, lastFrameFile: frameGatePath(task.workFolder) }
  const config = { prefix, device, ...places, engine, samples, width, height, format }
  const scriptPath = join(task.workFolder, 'render.py')
  // Made anew: what ran here before may have left a link in its place.
  await rm(scriptPath, { force: true })
  await writeFile(scriptPath, composeScript(config, linkedFilesScript, sceneFactsScript, renderScript), { flag: 'wx' })
  return scriptPath
}

/** A picture of an earlier try must never be taken for the new one. */
async function removeOldFrame(task: EngineTask, frame: number): Promise<void> {
  const name = join(task.outputFolder, `frame_${String(frame).padStart(6, '0')}`)
  await Promise.all(['png', 'jpg', 'exr', 'tif'].map((extension) => rm(`${name}.${extension}`, { force: true })))
}

async function startBlender({ task, blender, display, cacheFolder, containment }: RenderOnce, scriptPath: string): Promise<ContainedTree> {
  const threads = task.device.threads === undefined ? {} : { threads: task.device.threads }
  const args = renderArguments({ blenderVersion: blender.version, scenePath: task.scenePath, scriptPath, frames: task.frames, ...threads })
  const env = blenderEnvironment({
    from: process.env,
    workFolder: task.workFolder,
    device: task.device,
    ...(cacheFolder === undefined ? {} : { cacheFolder }),
    ...(display === undefined ? {} : { display }),
  })
  if (cacheFolder !== undefined) await mkdir(cacheFolder, { recursive: true })
  const authority = env['XAUTHORITY']
  const access = {
    readOnly: [dirname(task.scenePath), ...(authority === undefined ? [] : [authority])],
    writable: [task.workFolder, task.outputFolder, ...(cacheFolder === undefined ? [] : [cacheFolder])],
    display: display !== undefined,
  }
  const folders = [task.workFolder, task.outputFolder]
  const settings = { cwd: task.workFolder, env, access, folders, lowPriority: task.priority === 'low' }
  return containment.start({ name: task.id, command: blender.path, args, ...settings })
}
