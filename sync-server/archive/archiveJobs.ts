import type { Job } from '#shared/collections/job.schema.ts'
import type { JsonObject } from '#shared/json.ts'
import { archiveCutoff, retention } from '#shared/rules/retention.ts'
import { hasUnsettled } from '../acceptance/attemptProjector.ts'
import { isJobOver } from '../jobs/jobProjector.ts'
import { chunkIdsOf } from '../jobs/splitJob.ts'
import type { ProjectedDatabase, ProjectionStore } from '../projection/projection.ts'
import type { CouchDocumentStore } from '../store/couchDocumentStore.ts'
import type { ArchiveReader } from './archiveReader.ts'
import type { createPutAway, Old } from './putAway.ts'

export interface ArchiveParts {
  store: CouchDocumentStore
  projection: ProjectionStore
  reader: ArchiveReader
  putAway: ReturnType<typeof createPutAway>
  nowMs: number
  /** How many documents this run may still handle; counted down. */
  budget: { left: number }
}

const pageRows = 200
const chunkRows = 200

/**
 * Puts old jobs of an owner away, each with its chunks and its state. A job's own document is the one whose removal decides: before it everything
 * stands in the archive, and somebody who asks for the job again meanwhile changes the document, so that it stays. After it the rest is taken away,
 * the state last, because a state without its job is what the next run looks for when this one was cut off.
 */
export async function archiveJobs(parts: ArchiveParts, ownerId: string): Promise<void> {
  const { store, projection, budget } = parts
  const states = await store.open({ ownerId, collection: 'jobStates' })
  const jobs = await store.open({ ownerId, collection: 'jobs' })
  const chunks = await store.open({ ownerId: null, collection: 'chunks' })
  const rule = retention.jobStates
  if (typeof rule === 'string') return
  const cutoff = archiveCutoff(parts.nowMs)
  for (let after = { at: 0, id: '' }; budget.left > 0;) {
    const page = projection.oldestPage(states, after, cutoff, pageRows)
    for (const { id, rev, body } of page) {
      if (budget.left <= 0) return
      const overAt = rule.overAt(JSON.parse(body) as JsonObject)
      if (overAt === null || overAt >= cutoff || hasUnsettled(projection.database, ownerId, id)) continue
      await archiveJob(parts, { states, jobs, chunks }, { id, rev, body, overAt })
    }
    const last = page.at(-1)
    if (last === undefined || page.length < pageRows) return
    after = { at: last.at, id: last.id }
  }
}

type Databases = Record<'states' | 'jobs' | 'chunks', ProjectedDatabase>

async function archiveJob(parts: ArchiveParts, databases: Databases, state: Old): Promise<void> {
  const { projection, reader, putAway, budget } = parts
  const ownerId = databases.jobs.key.ownerId ?? ''
  const standing = projection.get(databases.jobs, state.id)
  // The creator wants something of it that is not carried out yet.
  if (standing !== null && !isJobOver(projection.database, ownerId, state.id)) return
  const job = standing === null ? await reader.get<Job>(ownerId, 'jobs', state.id) : (JSON.parse(standing.body) as Job)
  const chunkIds = job === null ? [] : chunkIdsOf(job)

  for (let start = 0; start < chunkIds.length; start += chunkRows) {
    const old = chunksOf(parts, databases.chunks, chunkIds.slice(start, start + chunkRows), state.overAt)
    budget.left -= await putAway.keep(databases.chunks, old)
    if (budget.left <= 0) return
  }
  budget.left -= await putAway.keep(databases.states, [state])
  if (standing !== null) {
    const old = { id: state.id, ...standing, overAt: state.overAt }
    budget.left -= await putAway.keep(databases.jobs, [old])
    if ((await putAway.remove(databases.jobs, [old])).length === 0) return
  }
  let isWhole = true
  for (let start = 0; start < chunkIds.length; start += chunkRows) {
    const old = chunksOf(parts, databases.chunks, chunkIds.slice(start, start + chunkRows), state.overAt)
    const gone = await putAway.remove(databases.chunks, old)
    budget.left -= gone.length
    isWhole &&= gone.length === old.length
  }
  // One that changed a moment ago is put away again by the next run.
  if (isWhole) await putAway.remove(databases.states, [state])
}

function chunksOf({ projection }: ArchiveParts, chunks: ProjectedDatabase, ids: string[], overAt: number): Old[] {
  return [...projection.getMany(chunks, ids)].map(([id, { rev, body }]) => ({ id, rev, body, overAt }))
}
