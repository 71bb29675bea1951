import { createReadStream } from 'node:fs'
import type { Run } from '#shared/collections/run.schema.ts'
import { durations } from '#shared/durations.ts'
import { appError, errorTraits, type AppError } from '#shared/errors/appError.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { isEnded, moveRun } from '#shared/rules/runState.ts'
import { backOffMs, pause } from '../backOff.ts'
import type { Gateway } from '../ports.ts'
import type { ResultStore } from '../results/resultStore.ts'
import { sha256OfStream } from '../results/sha256.ts'
import { errorField, frameDelivered, framesIn, frameQueuedAgain } from '../run/runChanges.ts'
import type { Journal } from '../run/journal.ts'
import type { Transfers } from '../../transfers/transfers.ts'
import type { UploadFile } from './tusUpload.ts'
import type { UploadUrls } from './uploadUrls.ts'

const atOnce = 2
const range = { minMs: durations.transferRetryMinMs, maxMs: durations.transferRetryMaxMs }

export interface DeliveryOptions {
  journal: Journal
  results: ResultStore
  gateway: Gateway
  urls: UploadUrls
  clock: Clock
  log: Logger
  serverNow: () => number
  upload: UploadFile
  transfers: Pick<Transfers, 'take' | 'signal'>
}

/**
 * Brings finished pictures to the server: upload, then `frame.deliver` for the verdict. Two at a time, the oldest first, each with
 * a back-off of its own that ends when the line comes back. Nothing is given up: a picture waits until the server has answered for it.
 */
export interface Deliveries {
  /** Something may be new to deliver. */
  wake(): void
  stop(): Promise<void>
}

interface Attempt {
  failures: number
  notBeforeMs: number
}

export function startDeliveries(options: DeliveryOptions): Deliveries {
  const { journal, gateway, clock, log } = options
  const stopped = new AbortController()
  const attempts = new Map<string, Attempt>()
  const inFlight = new Map<string, Promise<void>>()
  let cancelTimer = () => undefined as void

  const next = (): { run: Run; frame: number } | null => {
    for (const run of journal.all().sort((a, b) => a.createdAt - b.createdAt)) {
      if (isEnded(run.state)) continue
      for (const frame of framesIn(run, 'finished')) {
        const key = keyOf(run, frame)
        if (!inFlight.has(key) && (attempts.get(key)?.notBeforeMs ?? 0) <= clock.monotonicMs()) return { run, frame }
      }
    }
    return null
  }
  const wake = () => {
    cancelTimer()
    while (!stopped.signal.aborted && gateway.isLive() && inFlight.size < atOnce) {
      const found = next()
      if (found === null) break
      const key = keyOf(found.run, found.frame)
      const work = deliver(found.run, found.frame, options, stopped.signal)
        // Cut short on purpose: because we stop, or no files may travel any more.
        .then((error) => (error === null || error.code === 'CANCELLED' ? void attempts.delete(key) : note(key, error)))
        .catch((error: unknown) => note(key, appError('UNEXPECTED', { reason: String(error) })))
        .finally(() => {
          inFlight.delete(key)
          wake()
        })
      inFlight.set(key, work)
    }
    const now = clock.monotonicMs()
    const later = [...attempts.values()].map(({ notBeforeMs }) => notBeforeMs - now).filter((delayMs) => delayMs > 0)
    if (later.length > 0 && gateway.isLive() && !stopped.signal.aborted) cancelTimer = clock.after(Math.min(...later), wake)
  }
  const note = (key: string, error: AppError) => {
    const failures = (attempts.get(key)?.failures ?? 0) + 1
    attempts.set(key, { failures, notBeforeMs: clock.monotonicMs() + backOffMs(failures, range) })
    log.warn('a picture was not delivered; it is tried again', { frame: key, code: error.code, reason: error.message, failures })
  }
  const unwatch = gateway.onLive((live) => {
    if (live) attempts.clear()
    wake()
  })
  return {
    wake,
    async stop() {
      unwatch()
      cancelTimer()
      stopped.abort()
      await Promise.race([Promise.all(inFlight.values()), pause(2_000, clock, new AbortController().signal)])
    },
  }
}

const keyOf = (run: Run, frame: number) => `${run.id}/${frame}`

/** One try. null: the frame is settled (delivered, or back to be rendered because its file is gone). */
async function deliver(run: Run, frame: number, options: DeliveryOptions, signal: AbortSignal): Promise<AppError | null> {
  const { journal, results, gateway, urls, serverNow, upload, transfers } = options
  const kept = run.frames[String(frame)]
  const path = await results.find(run.id, frame)
  if (kept?.sha256 === undefined || path === null) return renderAgain(appError('FRAME_MISSING', { frame }))
  const name = path.replace(/^.*[\\/]/, '')
  const sent = await upload(
    path,
    { sha256: kept.sha256, name, purpose: 'output', taskId: run.id, frame },
    { gateway, urls, signal, transfers },
  )
  // The line or the disk? A picture that was damaged here would be refused as often as it is sent.
  if (!sent.ok && sent.error.code === 'FILE_HASH_MISMATCH' && (await sha256OfStream(createReadStream(path))).sha256 !== kept.sha256) {
    await results.discard(run.id, frame)
    return renderAgain(appError('FRAME_WRONG_HASH', { frame }))
  }
  if (!sent.ok && isFinal(sent.error)) return settle(sent.error)
  if (!sent.ok) return sent.error
  const { sha256 } = kept
  const answer = await gateway.call('frame.deliver', {
    taskId: run.id,
    leaseToken: run.leaseToken,
    frame,
    sha256,
    renderMs: Math.max(0, kept.renderMs ?? 0),
  })
  if (!answer.ok) return isFinal(answer.error) ? settle(answer.error) : answer.error
  if (answer.value.verdict.verdict === 'open') return appError('BUSY')
  await journal.change(run.id, (now) => frameDelivered(now, frame, answer.value.verdict, serverNow()))
  return null

  async function renderAgain(error: AppError): Promise<null> {
    options.log.error('a kept picture is gone or damaged; the frame is rendered again', { taskId: run.id, frame, code: error.code })
    await journal.change(run.id, (now) => {
      const again = frameQueuedAgain(now, frame, serverNow(), error)
      return again.state === 'uploading' ? moveRun(again, 'queued', serverNow()) : again
    })
    return null
  }
  async function settle(error: AppError): Promise<null> {
    await journal.change(run.id, (now) => frameDelivered(now, frame, { verdict: 'rejected', error: errorField(error) }, serverNow()))
    return null
  }
}

/** The server knows the frame's fate: asking again would bring the same answer. */
const final = new Set(['TASK_NOT_FOUND', 'FRAME_NOT_IN_TASK', 'LEASE_LOST', 'FRAME_SUPERSEDED', 'FRAME_TOO_LARGE', 'FILE_TOO_LARGE'])
const isFinal = (error: AppError) =>
  final.has(error.code) || (error.code.startsWith('FRAME_') && errorTraits(error.code).fault !== 'network')
