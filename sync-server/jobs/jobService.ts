import type { DatabaseSync } from 'node:sqlite'
import type { Job, JobState } from '#shared/collections/job.schema.ts'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import { jsonEquals, type JsonObject } from '#shared/json.ts'
import type { Clock, Logger } from '#shared/log.ts'
import type { FileStore } from '../files/fileStore.ts'
import type { Settler } from '../ledger/settler.ts'
import type { DocumentStore, WriteRow } from '../store/documentStore.ts'
import type { Chunk } from './chunk.ts'
import { follow } from './chunkMoves.ts'
import { checkJob, needsOf } from './jobCheck.ts'
import type { JobProgress } from './jobProgress.ts'
import { handledOf, jobsWaitingForFiles, openJobs, unfollowedJobs, type Handled } from './jobProjector.ts'
import { checkImageFiles } from './imageFiles.ts'
import { createKeyedWorker } from './keyedWorker.ts'
import { checkSceneFile } from './sceneFile.ts'
import { chunkIdsOf, orderedFrames, splitJob } from './splitJob.ts'

export interface JobService {
  start(): void
  /** A file arrived in this owner's space: jobs that waited for it go on. */
  fileStored(ownerId: string): void
  /**
   * Goes on with jobs that are not split yet, and with those whose wish reached not all of their chunks since the last time this was asked: the gateway
   * that began may be gone.
   */
  takeUpLeft(): Promise<void>
  /** For what follows a call: resolves when the job as it stands was carried out. */
  carryOut(ownerId: string, jobId: string): Promise<void>
  idle(): Promise<void>
  stop(): Promise<void>
}

interface JobError {
  code: string
  message: string
  details?: JsonObject | undefined
}

/** Another gateway wrote the job's state since it was read here: what follows from that state has to be looked at anew. */
class Overtaken extends Error {}
/** Then the back-off of the worker. */
const maxTries = 5

/** Chunks written in one request to the store. The first ones can be rendered while the rest is still being written. */
const chunksPerWrite = 500

/**
 * Carries out what creators want of their jobs: checks them, waits for their files, splits them, and follows pause, cancel and retry. Each
 * step can be repeated from the start, so a crash anywhere is mended by asking again for the jobs that the index lists as open. A state is only ever
 * put over the one it follows from: of several gateways that carry out one job, the slower one begins anew with what the faster one wrote.
 */
export function createJobService(parts: {
  store: DocumentStore
  database: DatabaseSync
  files: FileStore
  progress: JobProgress
  settler: Settler
  log: Logger
  clock: Clock
  onJobFailed(state: JobState, job: { name: string }, handled: Handled): Promise<void>
}): JobService {
  const { store, database, files, progress, clock } = parts
  const worker = createKeyedWorker({ name: 'carrying out a job', concurrency: 4, log: parts.log, clock, run: carryOut })
  let unsubscribe: () => void = () => undefined
  const keyOf = (ownerId: string, jobId: string) => `${ownerId}\n${jobId}`
  const request = (ownerId: string, jobId: string) => worker.request(keyOf(ownerId, jobId))
  let unfollowedBefore = new Set<string>()

  async function carryOut(key: string): Promise<void> {
    const [ownerId = '', jobId = ''] = key.split('\n')
    for (let tries = 1; ; tries += 1) {
      try {
        return await carryOutOnce(ownerId, jobId)
      } catch (thrown) {
        if (!(thrown instanceof Overtaken)) throw thrown
        if (tries >= maxTries) throw new AppErrorException(appError('BUSY'))
      }
    }
  }

  async function carryOutOnce(ownerId: string, jobId: string): Promise<void> {
    const job = (await store.read(ownerId, 'jobs', jobId))?.document
    if (!job) return
    const state = (await store.read(ownerId, 'jobStates', jobId))?.document ?? null
    const before = handledOf(state)
    const wanted = job.deletedAt === undefined ? job.wanted : 'cancelled'
    const retryGeneration = Math.max(job.retryGeneration, before?.retryGeneration ?? 0)
    const handled: Handled = { wanted, retryGeneration, split: before?.split ?? false, receivedAt: before?.receivedAt ?? clock.now() }
    if (handled.split) {
      // Also where the state says that it was done: of two gateways, the one that carried out an earlier wish may have come to the chunks last.
      await followAll(job, handled)
      await writeProgress(job, before, handled)
      return
    }
    if (state?.state === 'failed' && before?.retryGeneration === retryGeneration && before.wanted === wanted) return
    await begin(job, state, handled)
  }

  /** The state of a job that has chunks. */
  async function writeProgress(job: Job, from: Handled | null, to: Handled): Promise<void> {
    const isWritten = await progress.write(job, chunkIdsOf(job), { from, to }, orderedFrames(job.frames).length)
    if (!isWritten) throw new Overtaken()
  }

  async function begin(job: Job, state: JobState | null, handled: Handled): Promise<void> {
    const fail = (error: JobError) => simpleState(job, 'failed', handled, state, error)
    if (handled.wanted === 'cancelled') return void (await simpleState(job, 'cancelled', handled, state))
    const mistake = checkJob(job)
    if (mistake) return void (await fail(mistake))
    let standing = state
    if (!(await filesAreThere(job))) {
      if (job.filesRefused !== undefined) return void (await fail(job.filesRefused))
      // Another gateway, which has the files, is about to split it.
      if (standing?.state === 'queued') return
      standing = await simpleState(job, 'waitingForFiles', handled, standing)
      // The last file may have come before the state said that somebody waits for it.
      if (!(await filesAreThere(job))) return
    }
    const scene = await files.find(job.ownerId, job.scene.sha256)
    const facts = scene && job.kind === 'blender' ? await scene.withPath((path) => checkSceneFile(path, job.scene.name)) : null
    if (facts && !facts.ok) return void (await fail(facts.error))
    const badImage = job.kind === 'upscale' ? await checkImageFiles(job, files) : null
    if (badImage !== null) return void (await fail(badImage))
    // Written before the first chunk, so that the job's place in the queue is the same when a crash repeats this.
    if (standing?.state !== 'queued') standing = await simpleState(job, 'queued', handled, standing)
    await split(job, facts?.value.version ?? null, handled)
    await writeProgress(job, handledOf(standing), { ...handled, split: true })
  }

  async function split(job: Job, fileVersion: string | null, handled: Handled): Promise<void> {
    let rows: WriteRow<Chunk>[] = []
    const flush = async () => {
      // Create only: what is there already comes from before a crash and may have been worked on since.
      if (rows.length > 0) await store.writePrivate<Chunk>('chunks', rows)
      rows = []
    }
    for (const chunk of splitJob(job, needsOf(job, fileVersion), handled.receivedAt)) {
      rows.push({ document: chunk, rev: null })
      if (rows.length >= chunksPerWrite) await flush()
    }
    await flush()
  }

  async function followAll(job: Job, handled: Handled): Promise<void> {
    const ids = chunkIdsOf(job)
    for (let start = 0; start < ids.length; start += chunksPerWrite) {
      const rows: WriteRow<Chunk>[] = []
      for (const id of ids.slice(start, start + chunksPerWrite)) {
        const stored = await store.readPrivate<Chunk>('chunks', id)
        const next = stored && follow(stored.document, handled.wanted, handled.retryGeneration, clock.now())
        if (stored && next) rows.push({ document: next, rev: stored.rev })
      }
      const outcomes = rows.length > 0 ? await store.writePrivate<Chunk>('chunks', rows) : []
      for (const { written, id } of outcomes)
        if (!written)
          await store.updatePrivate<Chunk>(
            'chunks',
            id,
            (current) => current && follow(current, handled.wanted, handled.retryGeneration, clock.now()),
          )
      const touched = rows.filter(({ document }) => document.attempts.some((attempt) => attempt.state !== 'settled'))
      await Promise.all(touched.map(({ document }) => parts.settler.settle(document.id)))
    }
  }

  async function filesAreThere(job: Job): Promise<boolean> {
    for (const sha256 of new Set([job.scene, ...job.extraFiles].map((file) => file.sha256)))
      if (!(await files.has(job.ownerId, sha256))) return false
    return true
  }

  /** A state without chunks: every frame is as the job is. Put over `from` and nothing else; returns what stands then. Rejects with Overtaken. */
  async function simpleState(
    job: Job,
    state: 'waitingForFiles' | 'queued' | 'cancelled' | 'failed',
    handled: Handled,
    from: JobState | null,
    error?: JobError,
  ): Promise<JobState> {
    const document: JobState = {
      id: job.id,
      ownerId: job.ownerId,
      updatedAt: clock.now(),
      state,
      total: new Set(job.frames).size,
      accepted: 0,
      failed: 0,
      frames: {},
      costMicro: 0,
      // With what its words are made of, in whatever language they are read.
      ...(error ? { error: { code: error.code, message: error.message, ...(error.details ? { details: error.details } : {}) } } : {}),
      ...(state === 'failed' || state === 'cancelled' ? { finishedAt: clock.now() } : {}),
      handled,
    }
    const stands = (current: JobState | null) => jsonEquals(current, from)
    if (!stands((await store.read(job.ownerId, 'jobStates', job.id))?.document ?? null)) throw new Overtaken()
    if (state === 'failed') await parts.onJobFailed(document, { name: job.name }, handled)
    const after = await store.update(job.ownerId, 'jobStates', job.id, (current) => (stands(current) ? document : null))
    if (!jsonEquals(after, document)) throw new Overtaken()
    return document
  }

  return {
    start() {
      unsubscribe = store.onWritten(({ ownerId, collection, document }) => {
        if (ownerId !== null && collection === 'jobs') void request(ownerId, document.id)
      })
      for (const { ownerId, jobId } of openJobs(database)) void request(ownerId, jobId)
      // A settled job, too, may have a chunk that goes on: a gateway died between the two.
      for (const { ownerId, jobId } of unfollowedJobs(database)) void request(ownerId, jobId)
    },
    fileStored(ownerId) {
      for (const jobId of jobsWaitingForFiles(database, ownerId)) void request(ownerId, jobId)
    },
    async takeUpLeft() {
      for (const { ownerId, jobId } of openJobs(database))
        if (handledOf((await store.read(ownerId, 'jobStates', jobId))?.document ?? null)?.split !== true) void request(ownerId, jobId)
      const unfollowed = unfollowedJobs(database)
      for (const { ownerId, jobId } of unfollowed) if (unfollowedBefore.has(keyOf(ownerId, jobId))) void request(ownerId, jobId)
      unfollowedBefore = new Set(unfollowed.map(({ ownerId, jobId }) => keyOf(ownerId, jobId)))
    },
    carryOut: request,
    idle: () => worker.idle(),
    async stop() {
      unsubscribe()
      await worker.stop()
    },
  }
}
