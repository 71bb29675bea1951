import type { FrameExpectation } from '#shared/images/frameExpectation.ts'
import type { JobBrief } from '../jobs/jobBriefs.ts'

/** What a frame of this job has to be. The size is only known when the creator or the scene said it. */
export function expectationFor(job: Pick<JobBrief, 'settings' | 'info'>, frame: number): FrameExpectation {
  const width = job.settings.width ?? job.info.width
  const height = job.settings.height ?? job.info.height
  return {
    frame,
    format: job.settings.format ?? job.info.format ?? 'PNG',
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
  }
}
