import type { FileRef } from '#shared/collections/common.ts'
import type { Job } from '#shared/collections/job.schema.ts'
import { durations } from '#shared/durations.ts'
import { appError, errorTraits, type AppError } from '#shared/errors/appError.ts'
import type { Clock, Logger } from '#shared/log.ts'
import type { LocalDatabase } from '../database/localDatabase.ts'
import { backOffMs, pause } from '../tasks/backOff.ts'
import type { FileCache } from '../tasks/fetch/fileCache.ts'
import type { Documents, Gateway } from '../tasks/ports.ts'
import { errorField } from '../tasks/run/runChanges.ts'
import type { UploadFile } from '../tasks/upload/tusUpload.ts'
import type { Transfers } from '../transfers/transfers.ts'
import type { UploadUrls } from '../tasks/upload/uploadUrls.ts'

/** Files of submitted jobs on their way to the server; they wait there through outages and restarts. */
export interface SceneOutbox {
  /** Durable when it returns. */
  add(jobId: string, files: readonly FileRef[]): void
  /** Files that have not left yet. */
  waiting(): number
  pinned(): string[]
  stop(): Promise<void>
}

export interface SceneOutboxOptions {
  local: LocalDatabase
  cache: FileCache
  gateway: Gateway
  upload: UploadFile
  transfers: Pick<Transfers, 'take' | 'signal'>
  urls: UploadUrls
  clock: Clock
  log: Logger
  /** The jobs whose files these are. */
  jobs: Pick<Documents<Job>, 'get' | 'put'>
  serverNow: () => number
}

/** A job is written right after its files were handed in. */
const jobComesWithinTries = 5
const range = { minMs: durations.transferRetryMinMs, maxMs: durations.transferRetryMaxMs }

export function startSceneOutbox({
  local,
  cache,
  gateway,
  upload,
  transfers,
  urls,
  clock,
  log,
  jobs,
  serverNow,
}: SceneOutboxOptions): SceneOutbox {
  local.migrate({
    feature: 'sceneOutbox',
    steps: [
      'CREATE TABLE scene_outbox (entry INTEGER PRIMARY KEY AUTOINCREMENT, job_id TEXT NOT NULL, sha256 TEXT NOT NULL, name TEXT NOT NULL)',
    ],
  })
  const insert = local.sql.prepare('INSERT INTO scene_outbox (job_id, sha256, name) VALUES (?, ?, ?)')
  const first = local.sql.prepare('SELECT entry, job_id, sha256, name FROM scene_outbox ORDER BY entry LIMIT 1')
  const all = local.sql.prepare('SELECT sha256 FROM scene_outbox')
  const remove = local.sql.prepare('DELETE FROM scene_outbox WHERE entry = ?')
  const removeJob = local.sql.prepare('DELETE FROM scene_outbox WHERE job_id = ?')
  const stopped = new AbortController()
  let sending: Promise<void> | null = null
  let failures = 0
  let cancelTimer = () => undefined as void

  const sendAll = async () => {
    for (let row = first.get(); row !== undefined && gateway.isLive() && !stopped.signal.aborted; row = first.get()) {
      const [entry, sha256, name] = [Number(row['entry']), String(row['sha256']), String(row['name'])]
      const sent = await upload(
        cache.pathOf(sha256),
        { sha256, name, purpose: 'input' },
        { gateway, urls, signal: stopped.signal, transfers },
      )
      // Cut short on purpose: it goes on where it was.
      if (!sent.ok && sent.error.code === 'CANCELLED') return
      if (sent.ok) remove.run(entry)
      else if (!waits(sent.error.code)) {
        log.error('a file of a scene was refused', { name, code: sent.error.code, reason: sent.error.message })
        await sayRefused(String(row['job_id']), name, sent.error)
        // Its other files are of no use either.
        removeJob.run(String(row['job_id']))
      }
      if (sent.ok || !waits(sent.error.code)) {
        failures = 0
        continue
      }
      failures += 1
      const delayMs = backOffMs(failures, range)
      log.warn('a file of a scene was not sent; it is tried again', { name, code: sent.error.code, reason: sent.error.message, delayMs })
      cancelTimer = clock.after(delayMs, wake)
      return
    }
  }
  /** In the job itself, which its creator writes: the server then ends it with this reason instead of waiting for ever. */
  const sayRefused = async (jobId: string, name: string, error: AppError) => {
    for (let tries = 0; tries < jobComesWithinTries && !stopped.signal.aborted; tries += 1) {
      const job = await jobs.get(jobId)
      if (job !== null) {
        const refused = appError('SCENE_FILE_REFUSED', { name, reason: error.message === '' ? error.code : error.message })
        return jobs.put({ ...job, filesRefused: errorField(refused), updatedAt: Math.max(job.updatedAt + 1, serverNow()) })
      }
      await pause(durations.transferRetryMinMs, clock, stopped.signal)
    }
  }
  const wake = () => {
    cancelTimer()
    if (stopped.signal.aborted || !gateway.isLive()) return
    sending ??= sendAll()
      .catch((error: unknown) => log.error('the outbox failed', { reason: String(error) }))
      .finally(() => (sending = null))
  }
  const unwatch = gateway.onLive((live) => {
    failures = 0
    if (live) wake()
  })
  wake()
  return {
    add(jobId, files) {
      local.transaction(() => files.forEach(({ sha256, name }) => insert.run(jobId, sha256, name)))
      wake()
    },
    waiting: () => all.all().length,
    pinned: () => all.all().map((row) => String(row['sha256'])),
    async stop() {
      unwatch()
      cancelTimer()
      stopped.abort()
      await sending
    },
  }
}

/** What may pass: everything but a file that is gone from this disk or that the server will never take. */
const waits = (code: Parameters<typeof errorTraits>[0]) => errorTraits(code).retry || code === 'NOT_SIGNED_IN' || code === 'UNEXPECTED'
