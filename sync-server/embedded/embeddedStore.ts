import { randomBytes } from 'node:crypto'
import { durations } from '#shared/durations.ts'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import { errorCodes, type ErrorCode } from '#shared/errors/codes.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { basic, type CouchTarget } from '../store/couchTarget.ts'
import type { ChildHandle, LaunchProcess } from './launchProcess.ts'
import { fromStore, type ToStore } from './messages.ts'

export interface EmbeddedStoreOptions {
  folder: string
  /** The file that the store's process runs. */
  entryPath: string
  launch: LaunchProcess
  log: Logger
  clock: Clock
}

/** The store's process, started again when it dies, with a port and a password of its own each time. */
export interface EmbeddedStore {
  /** Rejects when the first start fails (DATA_FOLDER_IN_USE, PROCESS_FAILED…). */
  start(): Promise<void>
  /** null while it is not up. */
  target: () => CouchTarget | null
  pid(): number | undefined
  stop(): Promise<void>
}

/** Ran well for this long: the next failure counts as the first. */
const healthyAfterMs = 60_000

export function createEmbeddedStore({ folder, entryPath, launch, log, clock }: EmbeddedStoreOptions): EmbeddedStore {
  let child: ChildHandle | null = null
  let target: CouchTarget | null = null
  let exited: Promise<void> = Promise.resolve()
  let stopping = false
  let failures = 0
  let cancelRestart = () => {}

  function spawn(): Promise<void> {
    const password = randomBytes(24).toString('base64url')
    const process = launch(entryPath)
    const startedMs = clock.monotonicMs()
    child = process
    const ready = new Promise<void>((resolve, reject) => {
      const fail = (code: ErrorCode, reason: string) =>
        reject(new AppErrorException(appError(code, { name: 'store', reason, path: folder })))
      const cancel = clock.after(durations.processStartTimeoutMs, () => {
        process.kill()
        fail('PROCESS_FAILED', 'it did not start in time')
      })
      process.onMessage((message) => {
        const parsed = fromStore.safeParse(message)
        if (!parsed.success) return
        cancel()
        if (parsed.data.type === 'failed') return fail(codeOf(parsed.data.code), parsed.data.reason)
        target = { url: `http://127.0.0.1:${parsed.data.port}`, authorization: basic('gateway', password) }
        resolve()
      })
      exited = new Promise((gone) =>
        process.onExit((how) => {
          cancel()
          if (child === process) target = null
          gone()
          fail('PROCESS_FAILED', how)
          if (!stopping) failed(how, clock.monotonicMs() - startedMs)
        }),
      )
    })
    const open: ToStore = { type: 'open', folder, user: 'gateway', password }
    process.send(open)
    return ready
  }

  function failed(how: string, livedMs: number): void {
    failures = livedMs > healthyAfterMs ? 1 : failures + 1
    const delayMs = Math.min(durations.restartMaxMs, durations.restartMinMs * 2 ** Math.min(failures - 1, 10)) * (0.75 + Math.random() / 4)
    log.error('the store’s process ended and is started again', { how, failures, delayMs: Math.round(delayMs) })
    cancelRestart = clock.after(delayMs, () => {
      // Its exit comes here again by itself.
      spawn().catch((thrown: unknown) => log.error('the store did not start', { reason: String(thrown) }))
    })
  }

  return {
    async start() {
      try {
        await spawn()
      } catch (thrown) {
        stopping = true
        cancelRestart()
        child?.kill()
        throw thrown
      }
      log.info('the store is up', { folder })
    },
    target: () => target,
    pid: () => child?.pid,
    async stop() {
      stopping = true
      cancelRestart()
      target = null
      const process = child
      if (process === null) return
      const stop: ToStore = { type: 'stop' }
      process.send(stop)
      const cancel = clock.after(durations.storeStopTimeoutMs, () => process.kill())
      await exited
      cancel()
    },
  }
}

function codeOf(code: string): ErrorCode {
  return Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'PROCESS_FAILED'
}
