import type { DatabaseSync } from 'node:sqlite'
import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import type { Session } from '#shared/sync/backend.ts'
import { openAttemptsOf } from '../acceptance/attemptProjector.ts'
import type { Chunk } from '../jobs/chunk.ts'
import type { JobBrief, JobBriefs } from '../jobs/jobBriefs.ts'
import type { DocumentStore } from '../store/documentStore.ts'
import type { FileHolders, Held } from './fileHolders.ts'
import type { FileStore, StoredFile } from './fileStore.ts'

const inputsOf = new WeakMap<JobBrief, Set<string>>()

/**
 * The file, if this session may have it: an owner's own, or for a node the inputs of jobs it has work of in hand and the pictures accepted
 * from it there. FILE_NOT_FOUND for everything else, whether it exists or not; FILE_ELSEWHERE for what it may have and another gateway keeps to itself.
 */
export async function findFor(
  parts: { files: FileStore; holders: Pick<FileHolders, 'elsewhere'>; store: DocumentStore; briefs: JobBriefs; database: DatabaseSync },
  session: Pick<Session, 'ownerId' | 'nodeId' | 'isOwner'>,
  sha256: string,
): Promise<Result<StoredFile>> {
  let holder: string | null = null
  const at = async (ownerId: string, held: Held): Promise<StoredFile | null> => {
    const file = await parts.files.find(ownerId, sha256)
    if (file === null) holder ??= await parts.holders.elsewhere(held)
    return file
  }
  const file = await firstOf(parts, session, sha256, at)
  if (file !== null) return ok(file)
  return err(holder === null ? appError('FILE_NOT_FOUND', { sha256 }) : appError('FILE_ELSEWHERE', { sha256, holder }))
}

async function firstOf(
  parts: { store: DocumentStore; briefs: JobBriefs; database: DatabaseSync },
  session: Pick<Session, 'ownerId' | 'nodeId' | 'isOwner'>,
  sha256: string,
  at: (ownerId: string, held: Held) => Promise<StoredFile | null>,
): Promise<StoredFile | null> {
  if (session.isOwner) {
    const own = await at(session.ownerId, { ownerId: session.ownerId, sha256 })
    if (own) return own
  }
  if (session.nodeId === null) return null
  const seen = new Set<string>()
  for (const { chunkId, jobOwnerId, jobId } of openAttemptsOf(parts.database, session.nodeId)) {
    if (!seen.has(`${jobOwnerId}\n${jobId}`)) {
      seen.add(`${jobOwnerId}\n${jobId}`)
      const job = await parts.briefs.get(jobOwnerId, jobId)
      if (job && inputs(job).has(sha256)) return at(jobOwnerId, { ownerId: jobOwnerId, sha256 })
    }
    const chunk = (await parts.store.readPrivate<Chunk>('chunks', chunkId))?.document
    const output = Object.entries(chunk?.accepted ?? {}).find(([, one]) => one.sha256 === sha256 && one.nodeId === session.nodeId)
    if (output) return at(jobOwnerId, { taskId: output[1].taskId, frame: Number(output[0]), sha256 })
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
