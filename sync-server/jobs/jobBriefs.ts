import type { Job } from '#shared/collections/job.schema.ts'
import type { DocumentStore } from '../store/documentStore.ts'

/** A job without its list of frames, which may hold 100,000 numbers and which nobody needs once the chunks exist. */
export type JobBrief = Pick<
  Job,
  | 'id'
  | 'ownerId'
  | 'name'
  | 'kind'
  | 'createdAt'
  | 'chunkSize'
  | 'scene'
  | 'extraFiles'
  | 'settings'
  | 'info'
  | 'wanted'
  | 'retryGeneration'
  | 'deletedAt'
>

const kept = 1_000

export interface JobBriefs {
  get(ownerId: string, jobId: string): Promise<JobBrief | null>
  stop(): void
}

/** Jobs that are worked on, kept in memory; forgotten when their document changes. */
export function createJobBriefs(store: DocumentStore): JobBriefs {
  const briefs = new Map<string, JobBrief>()
  const keyOf = (ownerId: string, jobId: string) => `${ownerId}\n${jobId}`
  const unsubscribe = store.onWritten(({ ownerId, collection, document }) => {
    if (collection === 'jobs' && ownerId !== null) briefs.delete(keyOf(ownerId, document.id))
  })
  return {
    async get(ownerId, jobId) {
      const key = keyOf(ownerId, jobId)
      const known = briefs.get(key)
      if (known) return known
      const job = (await store.read(ownerId, 'jobs', jobId))?.document
      if (!job) return null
      const withoutFrames: Job = { ...job, frames: [] }
      const brief: JobBrief = withoutFrames
      if (briefs.size >= kept) briefs.delete(briefs.keys().next().value ?? '')
      briefs.set(key, brief)
      return brief
    },
    stop: () => {
      unsubscribe()
      briefs.clear()
    },
  }
}
