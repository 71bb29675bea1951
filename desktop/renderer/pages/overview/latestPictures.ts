import { viewedPicture, type ViewedPicture } from '../job/viewer/viewedPicture.ts'
import type { JobRow } from '../jobs/useJobs.ts'

/** The last accepted frames of the newest jobs that have any, newest job first. */
export function latestPictures(rows: readonly JobRow[], atMost: number): ViewedPicture[] {
  const found: ViewedPicture[] = []
  for (const { job, state } of rows) {
    if (found.length >= atMost) break
    if (!state || state.accepted === 0) continue
    const accepted = job.frames.filter((frame) => state.frames[String(frame)]?.state === 'accepted')
    for (const frame of accepted.slice(found.length - atMost).reverse()) found.push(viewedPicture(job, frame))
  }
  return found
}
