import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { durations } from '#shared/durations.ts'
import { appError, type AppError } from '#shared/errors/appError.ts'
import { errorCodes, type ErrorCode } from '#shared/errors/codes.ts'
import type { Backend, UpscalerConfig, UpscalerEvent } from '../../upscaler/config.ts'
import { upscalerEventSchema } from '../../upscaler/config.ts'
import { blenderEnvironment, scratchFolders } from '../blender/environment.ts'
import { frameGatePath } from '../blender/frameGate.ts'
import type { PauseGate } from '../blender/pauseGate.ts'
import type { EngineEvent, EngineTask } from '../engine.ts'
import { newChannelPrefix, readChannelJson } from '../output/channel.ts'
import type { ContainedTree, Containment } from '../process/containment.ts'
import type { MemoryGuard } from '../process/memoryGuard.ts'
import { readLines, watchSilence } from '../process/listen.ts'
import type { ProcessExit, ProcessTree } from '../process/processTree.ts'
import type { UpscalerProgram } from './upscalerProgram.ts'

export interface UpscaleOnce {
  task: EngineTask
  scale: 2 | 4
  backends: readonly Backend[]
  program: UpscalerProgram
  containment: Containment
  memory: MemoryGuard
  push: (event: EngineEvent) => void
  gate: PauseGate
  signal: AbortSignal
}

export type UpscaleOutcome =
  | { kind: 'finished' }
  | { kind: 'failed'; error: AppError }
  | { kind: 'cancelled' }
  /** The containment did not start; nothing was read yet. */
  | { kind: 'notContained'; reason: string }

const linesKept = 40

/** One upscaler process from start to end; nothing of it is left when this settles, except the pictures. Throws only what `spawn` throws. */
export async function upscaleOnce(run: UpscaleOnce): Promise<UpscaleOutcome> {
  if (run.signal.aborted) return { kind: 'cancelled' }
  const prefix = newChannelPrefix()
  const configPath = await writeConfig(run, prefix)
  const tree = await startUpscaler(run, configPath)
  try {
    return await follow(run, tree, prefix)
  } finally {
    await tree.close()
  }
}

/** Listens to an upscaler that runs until it has ended. */
async function follow(run: UpscaleOnce, tree: ContainedTree, prefix: string): Promise<UpscaleOutcome> {
  const { task, gate, signal } = run
  const detach = gate.attach(tree)
  let overLimit: AppError | null = null
  const unwatch = run.memory.watch({
    ...{ pid: tree.pid, limits: task.limits ?? {}, onCard: task.device.kind === 'gpu', ownCountMiB: () => 0 },
    onOver(error) {
      overLimit = error
      // A suspended process would not see that it is to end.
      gate.resume()
      void tree.stop()
    },
  })
  const silence = watchSilence(tree, task.silenceMs ?? durations.upscaleSilenceMs, gate)
  const heard = listen(run, prefix, tree, silence.heard)
  const stop = () => void tree.stop()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  const exit = await tree.exited
  signal.removeEventListener('abort', stop)
  unwatch()
  silence.end()
  detach()
  if (signal.aborted) return { kind: 'cancelled' }
  if (heard.error !== null) return { kind: 'failed', error: heard.error }
  if (heard.saved.size === task.frames.length) return { kind: 'finished' }
  if (heard.stopped) return { kind: 'cancelled' }
  if (overLimit !== null) return { kind: 'failed', error: overLimit }
  if (silence.ran()) return { kind: 'failed', error: appError('UPSCALER_TIMED_OUT', { minutes: Math.round(silence.limitMs / 60_000) }) }
  const gaveUp = tree.gaveUp(heard.lines)
  if (gaveUp !== null) return { kind: 'notContained', reason: gaveUp }
  const verdict = await tree.verdict()
  if (verdict !== null) return { kind: 'failed', error: verdict }
  return {
    kind: 'failed',
    error: appError('UPSCALER_FAILED', { reason: endOf(exit, heard.lines), log: heard.lines.slice(-12).join('\n') }),
  }
}

function listen({ task, scale, push, gate }: UpscaleOnce, prefix: string, tree: ProcessTree, onHeard: () => void) {
  const heard = { saved: new Set<number>(), stopped: false, error: null as AppError | null, lines: [] as string[] }
  const refusals: string[] = []
  /** Paused time before the picture in progress began. */
  let pausedBefore = gate.pausedMs()
  const sizes = new Map((task.images ?? []).map(({ frame, width, height }) => [frame, { width: width * scale, height: height * scale }]))
  const take = (event: UpscalerEvent): void => {
    switch (event.event) {
      case 'refused':
        refusals.push(`${event.backend}: ${event.reason}`)
        return
      case 'ready':
        push({
          type: 'started',
          blenderVersion: '',
          engine: `onnxruntime ${event.runtime}`,
          device: event.backend,
          expectation: { format: 'PNG' },
        })
        // Never silently: whoever lent a card learns that it was not used.
        if (refusals.length > 0)
          push({ type: 'warning', warning: appError('UPSCALER_FELL_BACK', { reason: refusals.join('; ').slice(0, 500) }) })
        return
      case 'frameStarted':
        pausedBefore = gate.pausedMs()
        push({ type: 'frameStarted', frame: event.frame })
        return
      case 'progress':
        push({ type: 'progress', frame: event.frame, fraction: event.done / Math.max(1, event.total) })
        return
      case 'frameSaved': {
        heard.saved.add(event.frame)
        const renderMs = Math.max(0, event.elapsedMs - (gate.pausedMs() - pausedBefore))
        const expectation = { frame: event.frame, format: 'PNG' as const, ...sizes.get(event.frame) }
        push({ type: 'frameSaved', frame: event.frame, path: event.path, renderMs, expectation })
        return
      }
      case 'stopped':
        heard.stopped = true
        return
      case 'failed':
        heard.error = Object.hasOwn(errorCodes, event.code)
          ? appError(event.code as ErrorCode, event.details)
          : appError('UPSCALER_FAILED', { reason: event.code })
    }
  }
  readLines(tree, (line, stream) => {
    onHeard()
    const event = stream === 'stdout' ? upscalerEventSchema.safeParse(readChannelJson(line, prefix)) : null
    if (event?.success === true) return take(event.data)
    if (line.trim() === '') return
    heard.lines.push(line)
    if (heard.lines.length > linesKept) heard.lines.shift()
    push({ type: 'log', line, stream })
  })
  return heard
}

async function writeConfig({ task, scale, backends }: UpscaleOnce, prefix: string): Promise<string> {
  for (const folder of [...Object.values(scratchFolders(task.workFolder)), task.outputFolder]) await mkdir(folder, { recursive: true })
  const wanted = new Set(task.frames)
  const images = (task.images ?? []).filter(({ frame }) => wanted.has(frame)).sort((a, b) => a.frame - b.frame)
  // A picture of an earlier try must never be taken for the new one.
  for (const { frame } of images) await rm(join(task.outputFolder, `frame_${String(frame).padStart(6, '0')}.png`), { force: true })
  const config: UpscalerConfig = {
    ...{ prefix, scale, backends: [...backends], images, outputFolder: task.outputFolder },
    lastFrameFile: frameGatePath(task.workFolder),
    ...(task.device.threads === undefined ? {} : { threads: task.device.threads }),
  }
  const path = join(task.workFolder, 'upscale.json')
  // Made anew: what ran here before may have left a link in its place.
  await rm(path, { force: true })
  await writeFile(path, JSON.stringify(config), { flag: 'wx' })
  return path
}

async function startUpscaler({ task, program, containment }: UpscaleOnce, configPath: string): Promise<ContainedTree> {
  const env = blenderEnvironment({ from: process.env, workFolder: task.workFolder, device: task.device })
  const access = {
    readOnly: [...program.folders, ...new Set((task.images ?? []).map(({ path }) => dirname(path)))],
    writable: [task.workFolder, task.outputFolder],
    display: false,
  }
  const settings = { cwd: task.workFolder, env, access, folders: [task.workFolder, task.outputFolder] }
  return containment.start({
    ...{ name: task.id, command: program.command, args: [...program.args, configPath], ...settings },
    ...{ lowPriority: task.priority === 'low', ownSandbox: !program.containable },
  })
}

function endOf(exit: ProcessExit, lines: readonly string[]): string {
  const said = lines
    .findLast((line) => /error|fail|cannot|out of memory/i.test(line))
    ?.trim()
    .slice(0, 200)
  const how = exit.signal ?? `exit code ${exit.code ?? '?'}`
  return said === undefined ? how : `${how}, ${said}`
}
