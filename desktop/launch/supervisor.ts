import { durations } from '#shared/durations.ts'
import { appError, AppErrorException, type AppError } from '#shared/errors/appError.ts'
import type { JsonObject, JsonValue } from '#shared/json.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { err, type Result } from '#shared/result.ts'
import type { ExitReason, LaunchSpec, ProcessHandle, ProcessLauncher } from './launcher.ts'

/** A process that ran this long is healthy again: the next restart is quick. */
const healthyAfterMs = 60_000
/** So many restarts in a row that did not last are enough: then it rests, and the person is told. */
export const restartLimit = 10

export interface SupervisorOptions {
  launcher: ProcessLauncher
  spec: LaunchSpec
  /** What the process is started with; asked anew at each start. */
  startOptions: () => JsonObject
  /** After every successful start, with what the process said of itself. */
  onReady?: (value: JsonObject) => void
  /** The process has ended, in whatever way. */
  onEnded?: () => void
  /** The process ended although nobody asked it to; it is started again after `waitMs`. */
  onDown?: (reason: string, waitMs: number) => void
  /** It did not stay up `restartLimit` times in a row; the next try is in `waitMs`, or when somebody asks for it with `retry`. */
  onGaveUp?: (reason: string, waitMs: number) => void
  log: Logger
  clock: Clock
  /** 0 ≤ x < 1 */
  random: () => number
}

/**
 * Keeps one process running:
 *
 *   stopped ─start─► starting ─ready─► running ─died, silent─► waiting ─back-off─► starting …
 *      ▲                 │ (first start only: rejects)            │ `restartLimit` times in a row
 *      └───── stop ──────┴── from anywhere                        └─► resting ─restartRestMs, retry─► starting …
 *
 * A start may be silent for `processStartTimeoutMs`. The first start either answers or rejects with the child's own error; afterwards every end that we did not ask for is answered
 * with a new start, later each time (jittered). A process that runs but gives no sign of life is ended and counts as died. After `stop`
 * nothing is started again.
 */
export class Supervisor {
  readonly #options: SupervisorOptions
  #handle: ProcessHandle | null = null
  #serving = false
  #ended: Promise<void> = Promise.resolve()
  #stopping = false
  /** Set by the first success: from then on the process is brought back whatever happens to it. */
  #wanted = false
  #failures = 0
  #cancelWait: (() => void) | null = null
  #cancelHeartbeat: (() => void) | null = null
  #asked = new Map<number, (result: Result<JsonValue>) => void>()
  #lastAsked = 0

  constructor(options: SupervisorOptions) {
    this.#options = options
  }

  get pid(): number | undefined {
    return this.#handle?.pid
  }

  /** Starts the process; resolves with what it said when it was ready. Rejects with AppErrorException: its own error, TIMED_OUT or PROCESS_FAILED. */
  async start(): Promise<JsonObject> {
    // One whose start failed says so before it ends: two at a time would share a data folder, and the end of the first would hide the second.
    if (this.#handle !== null) await this.#ended
    if (this.#stopping) throw new AppErrorException(appError('CANCELLED'))
    return this.#launch()
  }

  /** Asks the running process something. Never rejects; PROCESS_FAILED when it is down or dies meanwhile, TIMED_OUT when it is silent. */
  ask(name: string, input: JsonObject, timeoutMs: number = durations.requestTimeoutMs): Promise<Result<JsonValue>> {
    const handle = this.#handle
    if (handle === null) return Promise.resolve(err(this.#gone('it is being started again')))
    const id = (this.#lastAsked += 1)
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(timeoutMs, () =>
        settle(err(appError('TIMED_OUT', { what: name, seconds: timeoutMs / 1_000 }))),
      )
      const settle = (result: Result<JsonValue>) => {
        cancel()
        this.#asked.delete(id)
        resolve(result)
      }
      this.#asked.set(id, settle)
      handle.send({ kind: 'ask', id, name, input })
    })
  }

  /** Tries again at once, where it waits for the next start. */
  retry(): void {
    if (this.#handle !== null || !this.#wanted || this.#stopping) return
    this.#cancelWait?.()
    this.#failures = 0
    this.#startAgain()
  }

  /** Hands a window's message port to the running process. False while it is down: the window asks again. */
  openWindow(port: unknown): boolean {
    if (this.#handle === null || !this.#serving) return false
    this.#handle.send({ kind: 'window' }, [port])
    return true
  }

  /** Stops the process in an orderly way, after `processStopTimeoutMs` by force. Never rejects; a second call waits for the same end. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#cancelWait?.()
    this.#handle?.send({ kind: 'stop' })
    const cancel = this.#options.clock.after(durations.processStopTimeoutMs, () => {
      this.#options.log.warn('did not stop in time and is ended by force', { process: this.#options.spec.name })
      this.kill()
    })
    await this.#ended
    cancel()
  }

  /** Ends the process and all it started, at once, and for good. */
  kill(): void {
    this.#stopping = true
    this.#cancelWait?.()
    this.#handle?.killTree()
  }

  #launch(): Promise<JsonObject> {
    const { launcher, spec, startOptions, onReady, clock, log } = this.#options
    const handle = launcher.launch(spec)
    this.#handle = handle
    const startedAt = clock.monotonicMs()
    const ready = Promise.withResolvers<JsonObject>()
    const end = Promise.withResolvers<void>()
    this.#ended = end.promise
    let serving = false
    // A start of seconds is not talked about.
    let saidAt = clock.monotonicMs()

    const giveUp = () => {
      ready.reject(new AppErrorException(appError('TIMED_OUT', { what: spec.name, seconds: durations.processStartTimeoutMs / 1_000 })))
      handle.killTree()
    }
    let cancelTimeout = clock.after(durations.processStartTimeoutMs, giveUp)
    handle.onMessage((message) => {
      if (message.kind === 'starting') {
        if (serving) return
        // An index of a million tasks takes minutes to build; ended half way, it would begin again for ever.
        cancelTimeout()
        cancelTimeout = clock.after(durations.processStartTimeoutMs, giveUp)
        if (clock.monotonicMs() - saidAt < durations.processStartSaidMs) return
        saidAt = clock.monotonicMs()
        return log.info('is at work before it is up', { process: spec.name, done: message.done })
      }
      if (message.kind === 'failed') return ready.reject(new AppErrorException(message.error))
      if (message.kind === 'answer') return this.#asked.get(message.id)?.(message.result)
      if (message.kind === 'alive') return this.#listenLater(handle)
      this.#listenLater(handle)
      log.info('process is up', { process: spec.name, pid: handle.pid ?? null })
      serving = true
      this.#serving = true
      this.#wanted = true
      cancelTimeout()
      onReady?.(message.value)
      ready.resolve(message.value)
    })
    handle.onExit((reason) => {
      cancelTimeout()
      this.#cancelHeartbeat?.()
      this.#handle = null
      this.#serving = false
      this.#options.onEnded?.()
      end.resolve()
      for (const settle of [...this.#asked.values()]) settle(err(this.#gone(describe(reason))))
      const wasHealthy = serving && clock.monotonicMs() - startedAt > healthyAfterMs
      ready.reject(new AppErrorException(this.#stopping ? appError('CANCELLED') : this.#gone(describe(reason))))
      if (wasHealthy) this.#failures = 0
      if (this.#wanted && !this.#stopping) this.#restartLater(describe(reason))
    })
    handle.send({ kind: 'start', options: startOptions() })
    return ready.promise
  }

  #gone(reason: string): AppError {
    return appError('PROCESS_FAILED', { name: this.#options.spec.name, reason })
  }

  /** Asks the process for a sign of life after a while; each one begins this anew. */
  #listenLater(handle: ProcessHandle): void {
    const { clock } = this.#options
    this.#cancelHeartbeat?.()
    this.#cancelHeartbeat = clock.after(durations.processHeartbeatMs, () => {
      handle.send({ kind: 'alive' })
      this.#cancelHeartbeat = clock.after(durations.processSilenceMs, () => {
        // Asked once more: a computer that slept wakes up with all waits over.
        handle.send({ kind: 'alive' })
        this.#cancelHeartbeat = clock.after(durations.processLastCallMs, () => this.#endSilent(handle))
      })
    })
  }

  #endSilent(handle: ProcessHandle): void {
    this.#options.log.warn('gave no sign of life and is ended by force', { process: this.#options.spec.name, pid: handle.pid ?? null })
    handle.killTree()
  }

  #restartLater(reason: string): void {
    const { spec, log, clock, random } = this.#options
    const isOver = this.#failures >= restartLimit
    const ceilingMs = isOver ? durations.restartRestMs : Math.min(durations.restartMaxMs, durations.restartMinMs * 2 ** this.#failures)
    const waitMs = Math.round(ceilingMs * (0.5 + random() / 2))
    if (isOver) {
      log.error('does not stay up and rests', { process: spec.name, reason, restarts: this.#failures, waitMs })
      this.#options.onGaveUp?.(reason, waitMs)
    } else {
      log.warn('stopped by itself and is started again', { process: spec.name, reason, waitMs })
      this.#options.onDown?.(reason, waitMs)
    }
    this.#failures = isOver ? 0 : this.#failures + 1
    this.#cancelWait = clock.after(waitMs, () => this.#startAgain())
  }

  #startAgain(): void {
    const { spec, log } = this.#options
    if (this.#stopping) return
    this.#launch().catch((error: unknown) => {
      log.warn('could not be started again', { process: spec.name, reason: error instanceof Error ? error.message : String(error) })
    })
  }
}

function describe(reason: ExitReason): string {
  if (reason.signal !== null) return `ended by ${reason.signal}`
  return reason.code === null ? 'could not be started' : `exit code ${reason.code}`
}
