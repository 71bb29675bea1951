import { uploadMetadataSchema, type UploadMetadata } from '#shared/api/gatewayRoutes.ts'
import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { findAttempt } from '../acceptance/taskAccess.ts'
import type { DocumentStore } from '../store/documentStore.ts'

/** Who uploads: the part of a session that stays the same when it is renewed, so that an upload can go on under the next one. */
export interface Uploader {
  ownerId: string
  nodeId: string | null
  isOwner: boolean
}

export interface UploadTarget {
  metadata: UploadMetadata
  /** In whose space the file lands. */
  ownerId: string
}

/**
 * Where an upload belongs. An owner's files go to the owner's space. A node may only send pictures of a task it was given, and they go to
 * the space of the job's owner. Errors: REQUEST_INVALID, NOT_ALLOWED, TASK_NOT_FOUND, FRAME_NOT_IN_TASK.
 */
export async function uploadTarget(store: DocumentStore, uploader: Uploader, raw: unknown): Promise<Result<UploadTarget>> {
  const parsed = uploadMetadataSchema.safeParse(raw)
  if (!parsed.success) return err(appError('REQUEST_INVALID', { reason: parsed.error.issues[0]?.message ?? 'the metadata does not fit' }))
  const metadata = parsed.data
  if (metadata.purpose === 'input') return uploader.isOwner ? ok({ metadata, ownerId: uploader.ownerId }) : err(appError('NOT_ALLOWED'))

  const taskId = metadata.taskId ?? ''
  // The same answer for "there is none" and "it is not yours".
  const found = await findAttempt(store, uploader, taskId)
  if (found === null) return err(appError('TASK_NOT_FOUND', { taskId }))
  if (metadata.frame === undefined || !found.attempt.frames.includes(metadata.frame))
    return err(appError('FRAME_NOT_IN_TASK', { frame: metadata.frame ?? -1 }))
  return ok({ metadata, ownerId: found.chunk.jobOwnerId })
}
