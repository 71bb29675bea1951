import { durations } from '#shared/durations.ts'
import { appError, AppErrorException, type AppError } from '#shared/errors/appError.ts'
import type { JsonObject, JsonValue } from '#shared/json.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { err, type Result } from '#shared/result.ts'
import type { ExitReason, LaunchSpec, ProcessHandle, ProcessLauncher } from './launcher.ts'

/** A process that ran this long is healthy again: the next restart is quick. */
const healthyAfterMs = 60_000

export interface SupervisorOptions {
  launcher: ProcessLauncher
  spec: LaunchSpec
  /** What the process is started with; asked anew at each start. */
  startOptions: () => JsonObject
  /** After every successful start, with what the process said of itself. */
  onReady?: (value: JsonObject) => void
  /** The process ended although nobody asked it to; it is started again after `waitMs`. */
  onDown?: (reason: string, waitMs: number) => void
  log: Logger
  clock: Clock
  /** 0 ≤ x < 1 */
  random: () => number
}

/**
 * Keeps one process running:
 *
 *   stopped ─start─► starting ─ready─► running ─died─► waiting ─back-off─► starting …
 *      ▲                 │ (first start only: rejects)
 *      └───── stop ──────┴── from anywhere
 *
 * The first start either answers or rejects with the child's own error; afterwards every end that we did not ask for is answered
 * with a new start, later each time (jittered), for ever. After `stop` nothing is started again.
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
    const { launcher, spec, startOptions, onReady, clock } = this.#options
    const handle = launcher.launch(spec)
    this.#handle = handle
    const startedAt = clock.monotonicMs()
    const ready = Promise.withResolvers<JsonObject>()
    const end = Promise.withResolvers<void>()
    this.#ended = end.promise
    let serving = false

    const cancelTimeout = clock.after(durations.processStartTimeoutMs, () => {
      ready.reject(new AppErrorException(appError('TIMED_OUT', { what: spec.name, seconds: durations.processStartTimeoutMs / 1_000 })))
      handle.killTree()
    })
    handle.onMessage((message) => {
      if (message.kind === 'failed') return ready.reject(new AppErrorException(message.error))
      if (message.kind === 'answer') return this.#asked.get(message.id)?.(message.result)
      serving = true
      this.#serving = true
      this.#wanted = true
      cancelTimeout()
      onReady?.(message.value)
      ready.resolve(message.value)
    })
    handle.onExit((reason) => {
      cancelTimeout()
      this.#handle = null
      this.#serving = false
      end.resolve()
      for (const settle of [...this.#asked.values()]) settle(err(this.#gone(describe(reason))))
      const wasHealthy = serving && clock.monotonicMs() - startedAt > healthyAfterMs
      ready.reject(new AppErrorException(this.#gone(describe(reason))))
      if (wasHealthy) this.#failures = 0
      if (this.#wanted && !this.#stopping) this.#restartLater(describe(reason))
    })
    handle.send({ kind: 'start', options: startOptions() })
    return ready.promise
  }

  #gone(reason: string): AppError {
    return appError('PROCESS_FAILED', { name: this.#options.spec.name, reason })
  }

  #restartLater(reason: string): void {
    const { spec, log, clock, random } = this.#options
    const ceilingMs = Math.min(durations.restartMaxMs, durations.restartMinMs * 2 ** this.#failures)
    const waitMs = Math.round(ceilingMs * (0.5 + random() / 2))
    this.#failures += 1
    log.warn('stopped by itself and is started again', { process: spec.name, reason, waitMs })
    this.#options.onDown?.(reason, waitMs)
    this.#cancelWait = clock.after(waitMs, () => {
      if (this.#stopping) return
      this.#launch().catch((error: unknown) => {
        log.warn('could not be started again', { process: spec.name, reason: error instanceof Error ? error.message : String(error) })
      })
    })
  }
}

function describe(reason: ExitReason): string {
  if (reason.signal !== null) return `ended by ${reason.signal}`
  return reason.code === null ? 'could not be started' : `exit code ${reason.code}`
}
