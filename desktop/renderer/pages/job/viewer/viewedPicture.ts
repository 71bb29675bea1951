import type { Job } from '#shared/collections/job.schema.ts'

/** A picture that can be looked at large. */
export interface ViewedPicture {
  jobId: string
  jobName: string
  frame: number
  /** It was made from another picture, which it is compared with. */
  upscaled: boolean
  /** As the job writes them, e.g. `PNG`; absent: not known. */
  format?: string | undefined
}

export const viewedPicture = (job: Job, frame: number): ViewedPicture => ({
  ...{ jobId: job.id, jobName: job.name, frame, upscaled: job.kind === 'upscale' },
  format: job.settings.format ?? job.info.format,
})
