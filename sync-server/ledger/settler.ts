import { jsonEquals } from '#shared/json.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { attemptOf, type Chunk } from '../jobs/chunk.ts'
import { markSettled } from '../jobs/chunkMoves.ts'
import type { JobBrief, JobBriefs } from '../jobs/jobBriefs.ts'
import { createKeyedWorker } from '../jobs/keyedWorker.ts'
import { taskDocument } from '../jobs/taskDocument.ts'
import type { DocumentStore } from '../store/documentStore.ts'
import { ledgerEntries } from './ledgerEntry.ts'

export interface Settler {
  /** Writes what follows from the chunk as it stands now: task documents, ledger entries. Resolves when they are written. */
  settle(chunkId: string): Promise<void>
  idle(): Promise<void>
  stop(): Promise<void>
}

/**
 * Carries chunks out into the owners' documents. Every step is idempotent and the chunk says what is still to be done, so it may stop after
 * any write and be asked again: a task is never paid twice (the entry's id), and never forgotten (its attempt stays unsettled until both
 * the task document and the entry are written).
 */
export function createSettler(parts: {
  store: DocumentStore
  briefs: JobBriefs
  log: Logger
  clock: Clock
  /** After a chunk's projections are written. */
  onSettled(chunk: Chunk): void
}): Settler {
  const { store, briefs, log } = parts
  const worker = createKeyedWorker({ name: 'settling a chunk', run: settleNow, concurrency: 16, log, clock: parts.clock })

  async function settleNow(chunkId: string): Promise<void> {
    const chunk = (await store.readPrivate<Chunk>('chunks', chunkId))?.document
    if (!chunk) return
    const unsettled = chunk.attempts.filter(({ state }) => state !== 'settled')
    if (unsettled.length === 0) {
      parts.onSettled(chunk)
      return
    }
    const job = await briefs.get(chunk.jobOwnerId, chunk.jobId)
    if (!job) {
      log.error('a chunk without its job', { chunkId, jobId: chunk.jobId })
      return
    }
    for (const attempt of unsettled) {
      await writeTask(taskDocument(chunk, attempt, job))
      await writeEntries(chunk, attempt.token, job)
    }
    const payable = unsettled.filter(({ state }) => state === 'payable')
    if (payable.length > 0) await store.updatePrivate<Chunk>('chunks', chunkId, (current) => current && markSettled(current, payable))
    parts.onSettled(chunk)
  }

  async function writeTask(next: Task): Promise<void> {
    await store.update(next.ownerId, 'tasks', next.id, (current) => {
      if (current && Number(current['changes']) >= Number(next['changes'])) return null
      return current && jsonEquals(current, next) ? null : next
    })
  }

  async function writeEntries(chunk: Chunk, token: number, job: JobBrief): Promise<void> {
    const attempt = attemptOf(chunk, token)
    const entries = attempt ? ledgerEntries(chunk, attempt, job) : []
    if (entries.length === 0) return
    // Create only: an entry that is there already is the same one.
    await store.write(
      entries[0]?.ownerId ?? '',
      'earnings',
      entries.map((document) => ({ document, rev: null })),
    )
  }

  return { settle: (chunkId) => worker.request(chunkId), idle: () => worker.idle(), stop: () => worker.stop() }
}
