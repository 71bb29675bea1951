import type { JobRow } from '../jobs/useJobs.ts'

export interface LatestPicture {
  jobId: string
  jobName: string
  frame: number
}

/** The last accepted frames of the newest jobs that have any, newest job first. */
export function latestPictures(rows: readonly JobRow[], atMost: number): LatestPicture[] {
  const found: LatestPicture[] = []
  for (const { id, job, state } of rows) {
    if (found.length >= atMost) break
    if (!state || state.accepted === 0) continue
    const accepted = job.frames.filter((frame) => state.frames[String(frame)]?.state === 'accepted')
    for (const frame of accepted.slice(found.length - atMost).reverse()) found.push({ jobId: id, jobName: job.name, frame })
  }
  return found
}
