import { join } from 'node:path'
import type { BenchedDevice } from '#shared/collections/node.schema.ts'
import { appError, type AppError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import type { Engine, RenderDevice } from '../engines/engine.ts'
import { benchSize } from './benchSceneScript.ts'

export interface BenchOptions {
  /** Runs that count; one before them does not. */
  runs: number
  /** About how long one shall take: long enough that starting up does not matter. */
  runMs: number
}
export const usualBench: BenchOptions = { runs: 5, runMs: 3_000 }

export interface DeviceToMeasure {
  /** UUID of the card, or `cpu`. */
  id: string
  name: string
  device: RenderDevice
}

export interface MeasureParts {
  engine: Pick<Engine, 'render'>
  scenePath: string
  folder: string
  priority: 'low' | 'normal'
  signal: AbortSignal
  /** Power of a card in watts at this moment; null where the system does not say. */
  watts: (uuid: string) => number | null
  options: BenchOptions
}

const firstSamples = 4
const mostSamples = 16_384
const pilots = 4
const wattsEveryMs = 500

/** Work units of one run: megapixels × samples. */
export const unitsOfRun = (samples: number): number => (benchSize.width * benchSize.height * samples) / 1_000_000
/** 1,000 is a work unit a second. */
export const scoreOfRun = (samples: number, ms: number): number => Math.round((unitsOfRun(samples) * 1_000_000) / Math.max(1, ms))

/** The middle one; of an even number the lower middle. */
export const middleOf = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)] ?? 0

/**
 * Benches one device: a few short tries find how many samples take about `runMs`, then the runs follow in one Blender, whose first is left out.
 * Errors: CANCELLED, or why Blender could not render on it; the latter comes as a device without a score.
 */
export async function measureDevice(what: DeviceToMeasure, parts: MeasureParts): Promise<Result<BenchedDevice>> {
  const { runMs, runs } = parts.options
  const kind = what.device.kind
  const failed = (error: AppError): Result<BenchedDevice> => (error.code === 'CANCELLED' ? err(error) : ok(notMeasured(what, error)))
  let samples = firstSamples
  for (let pilot = 0; pilot < pilots; pilot += 1) {
    const tried = await renderRuns(what, parts, samples, 1)
    if (!tried.ok) return failed(tried.error)
    const wanted = Math.round((samples * runMs) / Math.max(1, tried.value.runsMs[0] ?? 1))
    const next = Math.min(mostSamples, Math.max(firstSamples, wanted))
    const isClose = next <= samples * 2
    samples = next
    if (isClose) break
  }
  const power: number[] = []
  const timer = setInterval(() => {
    const watts = kind === 'gpu' ? parts.watts(what.id) : null
    if (watts !== null) power.push(watts)
  }, wattsEveryMs)
  const rendered = await renderRuns(what, parts, samples, runs + 1).finally(() => clearInterval(timer))
  if (!rendered.ok) return failed(rendered.error)
  const scores = rendered.value.runsMs.slice(1).map((ms) => scoreOfRun(samples, ms))
  const watts = power.length === 0 ? {} : { watts: Math.round(power.reduce((sum, value) => sum + value, 0) / power.length) }
  return ok({ device: what.id, kind, name: what.name, backend: rendered.value.backend, score: middleOf(scores), runs: scores, ...watts })
}

/** A device without a score, and why. */
export const notMeasured = ({ id, name, device }: DeviceToMeasure, { code, message }: AppError): BenchedDevice => ({
  ...{ device: id, kind: device.kind, name, backend: '', score: null, runs: [], error: { code, message } },
})

async function renderRuns(
  { id, device }: DeviceToMeasure,
  { engine, scenePath, folder, priority, signal }: MeasureParts,
  samples: number,
  count: number,
): Promise<Result<{ runsMs: number[]; backend: string }>> {
  const frames = Array.from({ length: count }, (_, index) => index + 1)
  const place = { outputFolder: join(folder, 'out'), workFolder: join(folder, 'scratch') }
  const run = engine.render({ id: `bench ${id}`, scenePath, frames, ...place, settings: { samples }, device, priority }, signal)
  const runsMs: number[] = []
  let backend = ''
  let error: AppError | null = null
  for await (const event of run) {
    if (event.type === 'started') backend = event.device.split(':')[0] ?? ''
    else if (event.type === 'frameSaved') runsMs.push(event.renderMs)
    else if (event.type === 'failed') error = event.error
    else if (event.type === 'cancelled') error = appError('CANCELLED')
  }
  if (error === null && runsMs.length < count) error = appError('UNEXPECTED', { reason: 'Blender ended before the bench was through' })
  return error === null ? ok({ runsMs, backend }) : err(error)
}
