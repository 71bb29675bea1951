import { appError, toAppError, type AppError } from '../errors/appError.ts'
import type { JsonObject, JsonValue } from '../json.ts'
import { err, type Result } from '../result.ts'

/**
 * What the launcher (command line, Electron's main process) and a process it started (gateway, store, runtime) say to each other,
 * over fork's channel in Node and over parentPort in Electron:
 *
 *   parent ── start(options) ──► child       once, right after the start; options may carry secrets, so they never stand in argv or the environment
 *   parent ◄── ready(value) ────  child       it serves; value says its addresses
 *   parent ◄── failed(error) ───  child       it could not start, and exits with 1
 *   parent ── ask(name, input) ►  child       while it serves, e.g. for a one-time link to its page; names: shared/api/runtimeAsks.ts
 *   parent ◄── answer(result) ──  child
 *   parent ── stop ────────────►  child       it stops its parts in reverse order and exits with 0
 *
 * A child whose parent is gone (the channel closed) stops as if told so: nobody is left behind.
 */
export type ToChild =
  { kind: 'start'; options: JsonObject } | { kind: 'ask'; id: number; name: string; input: JsonObject } | { kind: 'stop' }
export type FromChild =
  { kind: 'ready'; value: JsonObject } | { kind: 'failed'; error: AppError } | { kind: 'answer'; id: number; result: Result<JsonValue> }

/** The child's end of the channel, made from `process` or `process.parentPort` by its main file. */
export interface ParentPort {
  send(message: FromChild): void
  onMessage(handler: (message: ToChild) => void): void
  onClosed(handler: () => void): void
}

export interface StartedChild {
  /** What the parent wants to know: addresses, ids. */
  value: JsonObject
  /** Answers what the parent asks; a rejection reaches it as data. */
  answer?(name: string, input: JsonObject): Promise<Result<JsonValue>>
  stop(): Promise<void>
}

/**
 * Waits for `start`, runs the child's composition root with its options, answers, and stops it when told or when the parent is gone.
 * `exit` ends the process with the given code. An error of the composition root reaches the parent as data.
 */
export function serveParent(port: ParentPort, start: (options: JsonObject) => Promise<StartedChild>, exit: (code: number) => void): void {
  let starting: Promise<StartedChild> | null = null
  let stopping = false

  const stop = () => {
    if (stopping) return
    stopping = true
    if (starting === null) return exit(0)
    starting
      .then((child) => child.stop())
      .then(
        () => exit(0),
        () => exit(1),
      )
  }
  const begin = (options: JsonObject) => {
    if (starting !== null) return
    starting = start(options)
    starting.then(
      (child) => port.send({ kind: 'ready', value: child.value }),
      (error: unknown) => {
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
  port.onMessage((message) => {
    if (message.kind === 'start') begin(message.options)
    else if (message.kind === 'stop') stop()
    else void answer(message.name, message.input).then((result) => port.send({ kind: 'answer', id: message.id, result }))
  })
  port.onClosed(stop)
}
