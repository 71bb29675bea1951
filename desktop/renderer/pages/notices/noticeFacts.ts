import type { Notice } from '#shared/collections/notice.schema.ts'

/** What fills the sentence of a notice: its own details, and the present names of what it is about. */
export function noticeFacts(notice: Notice, workerName: string | undefined, jobName: string | undefined): Record<string, string | number> {
  const facts: Record<string, string | number> = {}
  for (const [key, value] of Object.entries(notice.details)) {
    if (typeof value === 'string' || typeof value === 'number') facts[key] = value
    else if (value !== null && typeof value === 'object' && !Array.isArray(value) && typeof value['message'] === 'string')
      facts[key] = value['message']
  }
  const name = facts['name']
  const worker = workerName ?? facts['worker'] ?? (notice.jobId === undefined ? name : undefined) ?? notice.nodeId
  const job = jobName ?? facts['job'] ?? (notice.jobId === undefined ? undefined : name) ?? notice.jobId
  if (worker !== undefined) facts['worker'] = worker
  if (job !== undefined) facts['job'] = job
  return facts
}
