import { computed, type ComputedRef } from 'vue'
import type { Job, JobState } from '#shared/collections/job.schema.ts'
import { useDocuments } from '../../data/dataLink.ts'

export type ShownJobState = JobState['state'] | 'sending'

export interface JobRow {
  id: string
  job: Job
  state: JobState | null
  shown: ShownJobState
}

/** The newest jobs with how far they are, newest first. A job the server has not seen yet is being sent. */
export function useJobs(limit = 500): { rows: ComputedRef<JobRow[]>; loaded: ComputedRef<boolean> } {
  const jobs = useDocuments('jobs', { sort: [{ createdAt: 'desc' }], limit })
  const states = useDocuments('jobStates')
  return {
    rows: computed(() => {
      const byId = new Map(states.documents.map((state) => [state.id, state]))
      return jobs.documents
        .filter((job) => job.deletedAt === undefined)
        .map((job) => {
          const state = byId.get(job.id) ?? null
          return { id: job.id, job, state, shown: state?.state ?? 'sending' }
        })
    }),
    loaded: computed(() => jobs.loaded),
  }
}

export const isRunning = (row: JobRow): boolean => row.shown === 'rendering' || row.shown === 'queued' || row.shown === 'waitingForFiles' || row.shown === 'sending'
