import { computed, type ComputedRef } from 'vue'
import type { Job, JobState } from '#shared/collections/job.schema.ts'
import type { Run } from '#shared/collections/run.schema.ts'
import { useData, useDocuments } from '../../data/dataLink.ts'

export type ShownJobState = JobState['state'] | 'sending'

export interface JobRow {
  id: string
  job: Job
  state: JobState | null
  shown: ShownJobState
  /** What is being worked on for it right now. */
  runs: readonly Run[]
}

const none: readonly Run[] = []

/** The newest jobs with how far they are, newest first. A job the server has not seen yet is being sent. */
export function useJobs(limit = 500): { rows: ComputedRef<JobRow[]>; loaded: ComputedRef<boolean> } {
  const data = useData()
  const jobs = useDocuments('jobs', { sort: [{ createdAt: 'desc' }], limit })
  const states = useDocuments('jobStates')
  const active = useDocuments('runs', { selector: { state: { $in: ['rendering', 'uploading', 'paused'] } } })
  const runsByJob = computed(() => Map.groupBy(active.documents, (run) => run.jobId))
  return {
    rows: computed(() => {
      const byId = new Map(states.documents.map((state) => [state.id, state]))
      return jobs.documents
        .filter((job) => job.deletedAt === undefined)
        .map((job) => {
          const state = byId.get(job.id) ?? null
          return { id: job.id, job, state, shown: state?.state ?? 'sending', runs: runsByJob.value.get(job.id) ?? none }
        })
    }),
    // A job whose state has not come yet is not one that nobody has heard of.
    loaded: computed(() => jobs.loaded && (states.loaded || data.connection.value.name !== 'live')),
  }
}

export const isRunning = (row: JobRow): boolean =>
  row.shown === 'rendering' || row.shown === 'queued' || row.shown === 'waitingForFiles' || row.shown === 'sending'
