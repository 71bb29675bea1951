import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { durations } from '#shared/durations.ts'
import { appError, type AppError } from '#shared/errors/appError.ts'
import type { EngineEvent, EngineSoftware, EngineTask } from '../engine.ts'
import { gpuBackends } from '../devices/deviceProof.ts'
import { newChannelPrefix } from '../output/channel.ts'
import { contain, type ContainmentLevel } from '../process/containment.ts'
import type { MemoryGuard } from '../process/memoryGuard.ts'
import type { BoundedRun, RunBounds } from '../process/runBounds.ts'
import { startProcessTree, type ProcessTree } from '../process/processTree.ts'
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
  containment: ContainmentLevel
  push: (event: EngineEvent) => void
  gate: PauseGate
  memory: MemoryGuard
  bounds: RunBounds
  signal: AbortSignal
}

/** Bubblewrap gave up before it started Blender (its complaint is all there is): nothing was read of the scene yet. */
const neverStarted = (lines: readonly string[]) => lines.length === 1 && (lines[0] ?? '').startsWith('bwrap: ')

export type RenderOutcome =
  | { kind: 'finished'; framesSaved: number }
  | { kind: 'failed'; error: AppError; saved: ReadonlySet<number> }
  | { kind: 'cancelled' }
  | { kind: 'notContained'; reason: string }

/** One Blender process from start to end. Nothing of it is left when this settles, except the frames. Throws only what `spawn` throws. */
export async function renderOnce(run: RenderOnce): Promise<RenderOutcome> {
  if (run.signal.aborted) return { kind: 'cancelled' }
  const bounded = await run.bounds.open(run.task.id)
  try {
    return await renderBounded(run, bounded)
  } finally {
    await bounded.close()
  }
}

async function renderBounded(run: RenderOnce, bounded: BoundedRun): Promise<RenderOutcome> {
  const { task, gate, signal } = run
  const prefix = newChannelPrefix()
  const scriptPath = await writeScript(run, prefix)
  await Promise.all(task.frames.map((frame) => removeOldFrame(task, frame)))
  const tree = await startBlender(run, scriptPath, bounded)
  const detach = gate.attach(tree)
  let ownCountMiB = 0
  const push = (event: EngineEvent) => {
    if (event.type === 'progress') ownCountMiB = event.deviceMemMiB ?? ownCountMiB
    run.push(event)
  }
  const state = createRenderState(task, prefix, push, gate.pausedMs)
  let overLimit: AppError | undefined
  const onOver = (error: AppError) => {
    overLimit ??= error
    // A suspended process would not see that it is to end.
    gate.resume()
    void tree.stop()
  }
  const unwatch = run.memory.watch({
    ...{ pid: tree.pid, limits: task.limits ?? {}, onCard: task.device.kind === 'gpu', ownCountMiB: () => ownCountMiB },
    onOver,
  })
  bounded.watch({ pid: tree.pid, folders: [task.workFolder, task.outputFolder], onOver })
  for (const stream of [tree.stdout, tree.stderr]) stream.on('data', (chunk: Buffer) => bounded.printed(chunk.length))
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
  if (run.containment === 'bubblewrap' && neverStarted(state.lastLines()))
    return { kind: 'notContained', reason: state.lastLines()[0] ?? '' }
  const missing = task.frames.filter((frame) => !state.saved().has(frame))
  if (missing.length === 0) return { kind: 'finished', framesSaved: task.frames.length }
  if (state.stopped()) return { kind: 'cancelled' }
  const error =
    overLimit ??
    (await bounded.verdict()) ??
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
  await writeFile(scriptPath, composeScript(config, linkedFilesScript, sceneFactsScript, renderScript))
  return scriptPath
}

/** A picture of an earlier try must never be taken for the new one. */
async function removeOldFrame(task: EngineTask, frame: number): Promise<void> {
  const name = join(task.outputFolder, `frame_${String(frame).padStart(6, '0')}`)
  await Promise.all(['png', 'jpg', 'exr', 'tif'].map((extension) => rm(`${name}.${extension}`, { force: true })))
}

async function startBlender(
  { task, blender, display, cacheFolder, containment }: RenderOnce,
  scriptPath: string,
  bounded: BoundedRun,
): Promise<ProcessTree> {
  const threads = task.device.threads === undefined ? {} : { threads: task.device.threads }
  const args = renderArguments({ blenderVersion: blender.version, scenePath: task.scenePath, scriptPath, frames: task.frames, ...threads })
  const env = blenderEnvironment({
    from: process.env,
    workFolder: task.workFolder,
    device: task.device,
    ...(cacheFolder === undefined ? {} : { cacheFolder }),
    ...(display === undefined ? {} : { display }),
  })
  const plain = { command: blender.path, args }
  const priority = { lowPriority: task.priority === 'low' }
  if (containment === 'basic') return startProcessTree({ ...bounded.enter(plain), cwd: task.workFolder, env, ...priority })
  if (cacheFolder !== undefined) await mkdir(cacheFolder, { recursive: true })
  const authority = env['XAUTHORITY']
  const contained = await contain(plain, {
    readOnly: [dirname(task.scenePath), ...(authority === undefined ? [] : [authority])],
    writable: [task.workFolder, task.outputFolder, ...(cacheFolder === undefined ? [] : [cacheFolder])],
    display: display !== undefined,
  })
  return startProcessTree({ ...bounded.enter(contained), cwd: task.workFolder, env, ...priority })
}
