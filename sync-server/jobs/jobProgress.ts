import type { DatabaseSync } from 'node:sqlite'
import type { Job, JobState } from '#shared/collections/job.schema.ts'
import { durations } from '#shared/durations.ts'
import { jsonEquals } from '#shared/json.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { isJobSettled, jobStateOf } from '#shared/rules/jobProgress.ts'
import type { DocumentStore } from '../store/documentStore.ts'
import type { Chunk } from './chunk.ts'
import type { JobBriefs } from './jobBriefs.ts'
import { countsOf, handledOf, type Handled } from './jobProjector.ts'
import { frameEntries, mergeFrames } from './jobStateFrames.ts'
import { createKeyedWorker } from './keyedWorker.ts'
import { waitAtMost } from './waitAtMost.ts'

export interface JobProgress {
  /** A chunk of the job changed: its state is written soon, many changes at once. */
  touch(chunk: Pick<Chunk, 'id' | 'jobOwnerId' | 'jobId'>): void
  /**
   * Writes the state of the job from these chunks now, with what was carried out. @param carriedOut null: what the state says of it, which stays.
   * Returns whether it stands: it is not put over a state that says of what was carried out something else than `from`, which another gateway wrote.
   */
  write(
    job: Pick<Job, 'id' | 'ownerId'>,
    chunkIds: readonly string[],
    carriedOut: { from: Handled | null; to: Handled } | null,
    totalFrames: number,
  ): Promise<boolean>
  idle(): Promise<void>
  stop(): Promise<void>
}

/** Changes of one job are gathered for this long, longer for large jobs, whose state is a larger document. */
const gatherMs = (totalFrames: number): number => 200 + Math.min(totalFrames, 10_000) / 2

/** Keeps `jobStates` as a projection of the chunks: exact counts from the index, frames from the chunks that changed. */
export function createJobProgress(parts: {
  store: DocumentStore
  database: DatabaseSync
  briefs: JobBriefs
  log: Logger
  clock: Clock
  /** Before the state is written, so that a crash in between repeats it. Idempotent. */
  onJobSettled(state: JobState, job: { name: string }, handled: Handled): Promise<void>
}): JobProgress {
  const { store, clock } = parts
  const dirty = new Map<string, Set<string>>()
  const timers = new Map<string, () => void>()
  let gathering = 0
  const whenGathered: Array<() => void> = []
  const worker = createKeyedWorker({ name: 'writing a job state', concurrency: 8, log: parts.log, clock, run: flush })

  async function flush(key: string): Promise<void> {
    const chunkIds = [...(dirty.get(key) ?? [])]
    dirty.delete(key)
    const [ownerId = '', jobId = ''] = key.split('\n')
    const state = (await store.read(ownerId, 'jobStates', jobId))?.document ?? null
    if (!state || !handledOf(state)) return
    try {
      await write({ id: jobId, ownerId }, chunkIds, null, state.total)
    } catch (thrown) {
      dirty.set(key, new Set([...chunkIds, ...(dirty.get(key) ?? [])]))
      throw thrown
    }
  }

  const write: JobProgress['write'] = async (job, chunkIds, carriedOut, totalFrames) => {
    const brief = await parts.briefs.get(job.ownerId, job.id)
    const changed: JobState['frames'] = {}
    let firstStart = Number.POSITIVE_INFINITY
    for (const chunkId of chunkIds) {
      const chunk = (await store.readPrivate<Chunk>('chunks', chunkId))?.document
      if (!chunk) continue
      Object.assign(changed, frameEntries(chunk))
      firstStart = Math.min(firstStart, chunk.attempts[0]?.issuedAt ?? firstStart)
    }
    const isOvertaken = (current: JobState | null): boolean => {
      const standing = handledOf(current)
      return carriedOut !== null && !jsonEquals(standing, carriedOut.from) && !jsonEquals(standing, carriedOut.to)
    }
    const next = (current: JobState | null): { document: JobState; handled: Handled } | null => {
      // Read from what stands now: since the chunks were read, the job may have been cancelled, and that must not be undone.
      const handled = carriedOut?.to ?? handledOf(current)
      if (handled === null || isOvertaken(current)) return null
      const counts = { ...countsOf(parts.database, job.ownerId, job.id), total: totalFrames }
      const state = jobStateOf(handled.wanted, counts)
      const startedAt = current?.startedAt ?? (Number.isFinite(firstStart) ? firstStart : undefined)
      const { error: _error, finishedAt, ...kept } = current ?? { error: undefined, finishedAt: undefined }
      const document: JobState = {
        ...kept,
        id: job.id,
        ownerId: job.ownerId,
        updatedAt: clock.now(),
        state,
        total: totalFrames,
        accepted: counts.accepted,
        failed: counts.failed,
        frames: mergeFrames(current?.frames ?? {}, changed, totalFrames),
        costMicro: counts.costMicro,
        ...(startedAt === undefined ? {} : { startedAt }),
        ...(isJobSettled(state) ? { finishedAt: finishedAt ?? clock.now() } : {}),
        handled,
      }
      return { document, handled }
    }
    const before = (await store.read(job.ownerId, 'jobStates', job.id))?.document ?? null
    const planned = next(before)
    if (planned && isJobSettled(planned.document.state) && before?.state !== planned.document.state)
      await parts.onJobSettled(planned.document, { name: brief?.name ?? job.id }, planned.handled)
    const after = await store.update(job.ownerId, 'jobStates', job.id, (current) => {
      const document = next(current)?.document ?? null
      return current && document && jsonEquals({ ...current, updatedAt: 0 }, { ...document, updatedAt: 0 }) ? null : document
    })
    return !isOvertaken(after)
  }

  return {
    touch({ id, jobOwnerId, jobId }) {
      const key = `${jobOwnerId}\n${jobId}`
      const chunks = dirty.get(key) ?? new Set<string>()
      dirty.set(key, chunks.add(id))
      if (timers.has(key)) return
      gathering += 1
      const counts = countsOf(parts.database, jobOwnerId, jobId)
      // The last frame is shown at once.
      const delayMs = counts.accepted + counts.failed >= counts.total ? 0 : gatherMs(counts.total)
      timers.set(
        key,
        clock.after(delayMs, () => {
          timers.delete(key)
          gathering -= 1
          void worker.request(key)
          if (gathering === 0) for (const resolve of whenGathered.splice(0)) resolve()
        }),
      )
    },
    write,
    async idle() {
      if (gathering > 0) await new Promise<void>((resolve) => whenGathered.push(resolve))
      await worker.idle()
    },
    async stop() {
      for (const cancel of timers.values()) cancel()
      // What was gathered is written now rather than at the next start, unless the store is away.
      const written = Promise.all([...timers.keys()].map((key) => worker.request(key)))
      await waitAtMost(clock, durations.processStopTimeoutMs / 4, written)
      timers.clear()
      gathering = 0
      for (const resolve of whenGathered.splice(0)) resolve()
      await worker.stop()
    },
  }
}
