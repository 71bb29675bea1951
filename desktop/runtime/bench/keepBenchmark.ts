import type { z } from 'zod'
import { benchmarkSchema, type Benchmark, type benchWorkSchema } from '#shared/collections/node.schema.ts'
import type { AppError } from '#shared/errors/appError.ts'
import type { Clock, Logger } from '#shared/log.ts'
import type { Result } from '#shared/result.ts'
import type { LocalDatabase } from '../database/localDatabase.ts'
import type { Holds } from '../node/holds.ts'
import type { EffectivePause } from '../tasks/pause.ts'
import { benchDue, idleBeforeBenchMs, nextBenchStep, patienceMs } from './benchDue.ts'

export const benchmarkFact = 'benchmark'
const holdCode = 'BENCHMARK'
/** After one that was cut short or failed. */
const retryMs = 2 * 60_000

export type BenchWork = z.infer<typeof benchWorkSchema>

export interface KeepBenchmarkOptions {
  local: Pick<LocalDatabase, 'readFact' | 'writeFact'>
  holds: Holds
  pause: () => EffectivePause
  runner: { summary(): { renderingTaskIds: string[] }; holding(): string[] }
  /** null: not known yet, or no Blender. */
  fingerprint: () => string | null
  askedAt: () => number | undefined
  auto: boolean
  run: (signal: AbortSignal) => Promise<Result<Benchmark>>
  serverNow: () => number
  clock: Clock
  log: Logger
}

export interface KeptBenchmark {
  newest(): Benchmark | null
  work(): BenchWork | null
  /** As the owner's wish, from this computer. */
  ask(atMs: number): void
  /** A wish of that time was fulfilled, or could not be. */
  isAnswered(atMs: number): boolean
  /** Something it looks at changed. */
  wake(): void
  onChange(listener: () => void): () => void
  stop(): Promise<void>
}

/** Keeps the bench result of this node true: measures when something changed or the owner asks, never beside a task and never against a hold. */
export function keepBenchmark(options: KeepBenchmarkOptions): KeptBenchmark {
  const { holds, clock, runner, serverNow, log } = options
  const listeners = new Set<() => void>()
  let newest = readKeptBenchmark(options.local)
  let work: BenchWork | null = null
  let running: AbortController | null = null
  let settled: Promise<void> = Promise.resolve()
  let idleSinceMs = clock.monotonicMs()
  let dueSinceMs: number | null = null
  let notBeforeMs = -Infinity
  /** What failed is not tried again before something changes, or it is asked for anew. */
  let failedFor: string | null = null
  let failedAsked = 0
  let askedHere = 0
  let stopped = false
  let waking = false
  let cancelTimer = () => undefined as void

  const show = (state: BenchWork['state'] | null) => {
    if (work?.state === state || (work === null && state === null)) return
    work = state === null ? null : { state, since: serverNow() }
    listeners.forEach((listener) => listener())
  }

  function step(): void {
    waking = false
    if (stopped) return
    const nowMs = clock.monotonicMs()
    const tasks = runner.holding().length
    if (tasks > 0) idleSinceMs = nowMs
    const fingerprint = options.fingerprint()
    const wish = Math.max(options.askedAt() ?? 0, askedHere)
    const askedAt = wish > failedAsked ? wish : undefined
    const facts = { known: fingerprint !== null, fingerprint: fingerprint ?? '', benchmark: newest, askedAt }
    const auto = options.auto && failedFor !== fingerprint
    let due = benchDue({ ...facts, auto, waitingForMs: dueSinceMs === null ? 0 : nowMs - dueSinceMs })
    dueSinceMs = due === 'no' ? null : (dueSinceMs ?? nowMs)
    if (running === null && nowMs < notBeforeMs) due = 'no'
    const heldByOthers = options.pause().kind !== 'none' || holds.list(false).some(({ code }) => code !== holdCode)
    const next = nextBenchStep({
      ...{ due, running: running !== null, heldByOthers, tasks, idleForMs: nowMs - idleSinceMs },
      rendering: runner.summary().renderingTaskIds.length > 0,
    })
    if (next.hold) holds.set(holdCode, { blocks: false, afterFrame: true })
    else holds.clear(holdCode)
    if (next.do === 'stop') running?.abort()
    if (next.do === 'start') start(fingerprint ?? '', askedAt)
    show(running !== null ? 'running' : dueSinceMs === null ? null : 'waiting')
    cancelTimer()
    // The passing of time alone changes these.
    const moments =
      dueSinceMs === null ? [] : [idleSinceMs + idleBeforeBenchMs, dueSinceMs + patienceMs, notBeforeMs].filter((at) => at > nowMs)
    if (moments.length > 0) cancelTimer = clock.after(Math.min(...moments) - nowMs + 10, wake)
  }

  function start(fingerprint: string, askedAt: number | undefined): void {
    const controller = new AbortController()
    running = controller
    log.info('the bench begins', { asked: askedAt !== undefined })
    settled = options
      .run(controller.signal)
      .then((result) => {
        if (result.ok) take(result.value, askedAt)
        else giveUp(result.error, fingerprint, askedAt, controller.signal.aborted)
      })
      .catch((error: unknown) => {
        log.error('the bench failed', { reason: String(error) })
        notBeforeMs = clock.monotonicMs() + retryMs
      })
      .finally(() => {
        running = null
        wake()
      })
  }
  function take(benchmark: Benchmark, askedAt: number | undefined): void {
    newest = { ...benchmark, ...(askedAt === undefined ? {} : { askedAt }) }
    options.local.writeFact(benchmarkFact, JSON.stringify(newest))
    failedFor = null
    log.info('the bench is through', { scores: newest.devices.map(({ device, score }) => ({ device, score })) })
    listeners.forEach((listener) => listener())
  }
  function giveUp(error: AppError, fingerprint: string, askedAt: number | undefined, cut: boolean): void {
    notBeforeMs = clock.monotonicMs() + retryMs
    if (cut) return log.info('the bench gave way; it is tried again later', {})
    failedFor = fingerprint
    failedAsked = askedAt ?? failedAsked
    log.warn('the bench could not be made', { code: error.code, reason: error.message })
  }
  function wake(): void {
    if (waking || stopped) return
    waking = true
    queueMicrotask(step)
  }
  wake()
  return {
    newest: () => newest,
    work: () => work,
    ask(atMs) {
      askedHere = Math.max(askedHere, atMs)
      wake()
    },
    isAnswered: (atMs) => Math.max(newest?.askedAt ?? 0, failedAsked) >= atMs,
    wake,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async stop() {
      stopped = true
      cancelTimer()
      running?.abort()
      await settled
    },
  }
}

/** The newest result that this node knows; null: none. */
export function readKeptBenchmark(local: Pick<LocalDatabase, 'readFact'>): Benchmark | null {
  const text = local.readFact(benchmarkFact)
  if (text === null) return null
  const parsed = benchmarkSchema.safeParse(JSON.parse(text))
  return parsed.success ? parsed.data : null
}
