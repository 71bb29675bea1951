import type { DatabaseSync } from 'node:sqlite'
import type { Session } from '#shared/sync/backend.ts'
import { openAttemptsOf } from '../acceptance/attemptProjector.ts'
import type { Chunk } from '../jobs/chunk.ts'
import type { JobBrief, JobBriefs } from '../jobs/jobBriefs.ts'
import type { DocumentStore } from '../store/documentStore.ts'
import type { FileStore, StoredFile } from './fileStore.ts'

const inputsOf = new WeakMap<JobBrief, Set<string>>()

/**
 * The file, if this session may have it: an owner's own, or for a node the inputs of jobs it has work of in hand and the pictures accepted
 * from it there. null for everything else, whether it exists or not.
 */
export async function findFor(
  parts: { files: FileStore; store: DocumentStore; briefs: JobBriefs; database: DatabaseSync },
  session: Pick<Session, 'ownerId' | 'nodeId' | 'isOwner'>,
  sha256: string,
): Promise<StoredFile | null> {
  if (session.isOwner) {
    const own = await parts.files.find(session.ownerId, sha256)
    if (own) return own
  }
  if (session.nodeId === null) return null
  const seen = new Set<string>()
  for (const { chunkId, jobOwnerId, jobId } of openAttemptsOf(parts.database, session.nodeId)) {
    if (!seen.has(`${jobOwnerId}\n${jobId}`)) {
      seen.add(`${jobOwnerId}\n${jobId}`)
      const job = await parts.briefs.get(jobOwnerId, jobId)
      if (job && inputs(job).has(sha256)) return parts.files.find(jobOwnerId, sha256)
    }
    const chunk = (await parts.store.readPrivate<Chunk>('chunks', chunkId))?.document
    const isOutput = Object.values(chunk?.accepted ?? {}).some((frame) => frame.sha256 === sha256 && frame.nodeId === session.nodeId)
    if (isOutput) return parts.files.find(jobOwnerId, sha256)
  }
  return null
}

function inputs(job: JobBrief): Set<string> {
  const known = inputsOf.get(job)
  if (known) return known
  const hashes = new Set([job.scene.sha256, ...job.extraFiles.map((file) => file.sha256)])
  inputsOf.set(job, hashes)
  return hashes
}
