import { appError, AppErrorException, toAppError, type AppError } from '../errors/appError.ts'
import type { JsonObject, JsonValue } from '../json.ts'
import { err, type Result } from '../result.ts'

/**
 * What the launcher (command line, Electron's main process) and a process it started (gateway, store, runtime) say to each other,
 * over fork's channel in Node and over parentPort in Electron:
 *
 *   parent ── start(options) ──► child       once, right after the start; options may carry secrets, so they never stand in argv or the environment
 *   parent ◄── starting(done) ──  child       now and then while its start takes long, because it is at work and not stuck
 *   parent ◄── ready(value) ────  child       it serves; value says its addresses
 *   parent ◄── failed(error) ───  child       it could not start, and exits with 1
 *   parent ── ask(name, input) ►  child       while it serves, e.g. for a one-time link to its page; names: shared/api/runtimeAsks.ts
 *   parent ◄── answer(result) ──  child
 *   parent ── alive ───────────►  child       now and then; a child that does not say it back for long is ended by force
 *   parent ◄── alive ───────────  child
 *   parent ── window + port ───►  child       a window of the dashboard; the sync protocol runs over the port that comes along (Electron only)
 *   parent ── stop ────────────►  child       it stops its parts in reverse order and exits with 0
 *
 * A child whose parent is gone (the channel closed) stops as if told so: nobody is left behind.
 */
export type ToChild =
  | { kind: 'start'; options: JsonObject }
  | { kind: 'ask'; id: number; name: string; input: JsonObject }
  | { kind: 'alive' }
  | { kind: 'window' }
  | { kind: 'stop' }
export type FromChild =
  | { kind: 'starting'; done: number }
  | { kind: 'ready'; value: JsonObject }
  | { kind: 'failed'; error: AppError }
  | { kind: 'answer'; id: number; result: Result<JsonValue> }
  | { kind: 'alive' }

/** The child's end of the channel, made from `process` or `process.parentPort` by its main file. */
export interface ParentPort {
  send(message: FromChild): void
  /** `ports` are the message ports that travelled with the message; none in plain Node. */
  onMessage(handler: (message: ToChild, ports: readonly unknown[]) => void): void
  onClosed(handler: () => void): void
}

export interface StartedChild {
  /** What the parent wants to know: addresses, ids. */
  value: JsonObject
  /** Answers what the parent asks; a rejection reaches it as data. */
  answer?(name: string, input: JsonObject): Promise<Result<JsonValue>>
  /** Serves a window of the dashboard over the port. */
  openWindow?(port: unknown): void
  stop(): Promise<void>
}

/**
 * For a long start, at every step of it: how much was done so far. Throws CANCELLED once the process was told to stop, so that its start ends in an
 * orderly way instead of holding up the end. Once the process is up it does nothing: the same steps are then everyday work, which also a stop needs.
 */
export type TellStarting = (done: number) => void

/**
 * Waits for `start`, runs the child's composition root with its options, answers, and stops it when told or when the parent is gone.
 * `exit` ends the process with the given code. An error of the composition root reaches the parent as data.
 */
export function serveParent(
  port: ParentPort,
  start: (options: JsonObject, tellStarting: TellStarting) => Promise<StartedChild>,
  exit: (code: number) => void,
): void {
  let starting: Promise<StartedChild> | null = null
  let stopping = false
  let isUp = false

  const stop = () => {
    if (stopping) return
    stopping = true
    if (starting === null) return exit(0)
    const end = (child: StartedChild) =>
      child.stop().then(
        () => exit(0),
        () => exit(1),
      )
    // A start that fails ends the process by itself.
    starting.then(end).catch(() => undefined)
  }
  const tellStarting = (done: number) => {
    if (isUp) return
    if (stopping) throw new AppErrorException(appError('CANCELLED'))
    port.send({ kind: 'starting', done })
  }
  const begin = (options: JsonObject) => {
    if (starting !== null) return
    starting = start(options, tellStarting)
    starting.then(
      (child) => {
        isUp = true
        port.send({ kind: 'ready', value: child.value })
      },
      (error: unknown) => {
        // Then it is what was asked for.
        if (stopping) return exit(0)
        port.send({ kind: 'failed', error: toAppError(error) })
        exit(1)
      },
    )
  }
  const answer = async (name: string, input: JsonObject): Promise<Result<JsonValue>> => {
    try {
      const child = await (starting ?? Promise.reject(new Error('not started')))
      return (await child.answer?.(name, input)) ?? err(appError('NOT_FOUND'))
    } catch (error) {
      return err(toAppError(error))
    }
  }
  const openWindow = ([windowPort]: readonly unknown[]) => {
    if (windowPort === undefined) return
    // A process that does not come up says so itself; its windows ask again.
    void starting?.then((child) => child.openWindow?.(windowPort)).catch(() => undefined)
  }
  port.onMessage((message, ports) => {
    if (message.kind === 'start') begin(message.options)
    else if (message.kind === 'stop') stop()
    else if (message.kind === 'alive') port.send({ kind: 'alive' })
    else if (message.kind === 'window') openWindow(ports)
    else void answer(message.name, message.input).then((result) => port.send({ kind: 'answer', id: message.id, result }))
  })
  port.onClosed(stop)
}
