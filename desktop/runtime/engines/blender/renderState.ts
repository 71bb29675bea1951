import { performance } from 'node:perf_hooks'
import { statSync } from 'node:fs'
import { basename, resolve, sep } from 'node:path'
import { appError, type AppError } from '#shared/errors/appError.ts'
import { errorCodes, type ErrorCode } from '#shared/errors/codes.ts'
import type { JsonObject } from '#shared/json.ts'
import { fileSize, renderedSize } from '#shared/rules/pictureSize.ts'
import type { EngineEvent, EngineTask, RenderStarted } from '../engine.ts'
import { readChannelEvent, type ChannelEvent } from '../output/channel.ts'
import { matchError } from '../output/errorPatterns.ts'
import { parseLine, parseStats, type StatsLine } from '../output/parseLine.ts'

/** What one Blender process has said so far. Lines go in, events come out; at the end it knows why it failed. */
export interface RenderState {
  readLine(line: string, stream: 'stdout' | 'stderr'): void
  started(): RenderStarted | undefined
  saved(): ReadonlySet<number>
  /** What our script said, before what Blender printed: the first cause counts, the rest is its echo. */
  cause(): AppError | undefined
  /** The frame that was being rendered last. */
  currentFrame(): number | undefined
  lastLines(): string[]
  /** It ended by itself, between two frames, because it was told to. */
  stopped(): boolean
}

const linesKept = 30
const warningLimit = 100

export function createRenderState(
  task: EngineTask,
  prefix: string,
  push: (event: EngineEvent) => void,
  pausedMs: () => number,
): RenderState {
  const saved = new Set<number>()
  const wanted = new Set(task.frames)
  const warned = new Set<string>()
  const lastLines: string[] = []
  let startedAs: RenderStarted | undefined
  let told: AppError | undefined
  let printed: AppError | undefined
  let frame: number | undefined
  let stopped = false
  let peakMiB = 0
  let frameBegan = { at: performance.now(), pausedMs: pausedMs() }

  const beginFrame = (number: number): void => {
    // A line that comes late, after its frame was saved, begins nothing.
    if (frame === number || saved.has(number)) return
    frame = number
    frameBegan = { at: performance.now(), pausedMs: pausedMs() }
    push({ type: 'frameStarted', frame: number })
  }
  /** `elapsedMs`: Blender's own word. Lines may reach us together, long after they were written. */
  const endFrame = (number: number, path: string, elapsedMs = performance.now() - frameBegan.at): void => {
    if (!wanted.has(number) || saved.has(number)) return
    const renderMs = Math.max(0, elapsedMs - (pausedMs() - frameBegan.pausedMs))
    const inside = resolve(path).startsWith(resolve(task.outputFolder) + sep)
    // One look at a local file, in order with the lines: a frame is saved before the next one starts.
    const size = inside ? (statSync(path, { throwIfNoEntry: false })?.size ?? 0) : 0
    if (size === 0) return
    saved.add(number)
    push({ type: 'frameSaved', frame: number, path, renderMs, expectation: { ...startedAs?.expectation, frame: number } })
  }
  const warn = (code: string, details: JsonObject): void => {
    const warning = appError(known(code), details)
    const key = `${warning.code} ${warning.message}`
    if (warned.has(key) || warned.size >= warningLimit) return
    warned.add(key)
    push({ type: 'warning', warning })
  }
  const showStats = (stats: StatsLine & { kind?: 'stats' }): void => {
    if (!wanted.has(stats.frame)) return
    // 5.x tells what it uses now, not the most it used.
    peakMiB = Math.max(peakMiB, stats.peakMiB ?? stats.memMiB ?? 0)
    const { kind: _kind, ...facts } = stats
    push({ type: 'progress', ...facts, ...(peakMiB > 0 ? { peakMiB } : {}) })
  }

  /** What the `render_stats` handler was given: up to 4.5 the line as it is printed, since 5.0 what follows its frame. */
  const onStats = (number: number, text: string): void => {
    const parsed = parseLine(text)
    if (parsed.kind === 'other') return showStats({ frame: number, ...parseStats(text) })
    if (parsed.kind === 'stats') showStats(parsed)
  }

  const onEvent = (event: ChannelEvent): void => {
    switch (event.event) {
      case 'started': {
        const { blenderVersion, engine, device, samples, layerSamples, format } = event
        const shape = { ...(event.crop ? { crop: event.crop } : {}), ...(event.views ? { views: event.views } : {}) }
        const frame = { width: event.width, height: event.height }
        const rendered = { ...frame, ...renderedSize(frame, shape), views: event.views?.count ?? 1 }
        const layers = layerSamples === undefined || layerSamples.length === 0 ? {} : { layerSamples }
        startedAs = {
          ...{ blenderVersion, engine, device, ...(samples == null ? {} : { samples }), ...layers, rendered },
          expectation: { format, ...fileSize(frame, shape, format) },
        }
        return push({ type: 'started', ...startedAs })
      }
      case 'frameStarted':
        return beginFrame(event.frame)
      case 'frameSaved':
        return endFrame(event.frame, event.path, event.elapsedMs)
      case 'stats':
        return onStats(event.frame, event.text)
      case 'warning':
        return warn(event.code, event.details)
      case 'failed':
        told ??= appError(known(event.code), event.details)
        return
      case 'stopped':
        stopped = true
        return
      case 'renderCancelled':
        return
    }
  }
  const onText = (line: string): void => {
    const parsed = parseLine(line)
    if (parsed.kind === 'stats') return showStats(parsed)
    // Newer versions announce a frame before our script is asked whether it may begin: once the script speaks, only its word counts.
    if (parsed.kind === 'frameStarted') return startedAs === undefined ? beginFrame(parsed.frame) : undefined
    if (parsed.kind === 'saved') {
      // The second way to learn of a frame, should the handler stay silent.
      const number = /^frame_(-?\d+)\./.exec(basename(parsed.path.replaceAll('\\', '/')))?.[1]
      return number === undefined ? undefined : endFrame(Number(number), parsed.path)
    }
    if (parsed.kind !== 'other') return
    const match = matchError(line)
    if (match?.fatal) printed ??= appError(match.code, match.details)
    else if (match) warn(match.code, match.details)
  }

  return {
    readLine(line, stream) {
      const event = readChannelEvent(line, prefix)
      if (event) return onEvent(event)
      if (line.trim() === '' || line.includes(prefix)) return
      lastLines.push(line)
      if (lastLines.length > linesKept) lastLines.shift()
      push({ type: 'log', line, stream })
      onText(line)
    },
    started: () => startedAs,
    saved: () => saved,
    cause: () => told ?? printed,
    currentFrame: () => frame,
    lastLines: () => [...lastLines],
    stopped: () => stopped,
  }
}

const known = (code: string): ErrorCode => (code in errorCodes ? (code as ErrorCode) : 'BLENDER_SCRIPT_ERROR')
