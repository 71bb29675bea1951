import type { Verdict } from '#shared/collections/task.schema.ts'
import { appError, type AppError } from '#shared/errors/appError.ts'
import type { ErrorCode } from '#shared/errors/codes.ts'
import type { FrameExpectation } from '#shared/images/frameExpectation.ts'
import type { ImageFacts } from '#shared/images/verifyImage.ts'
import type { Clock } from '#shared/log.ts'
import { err, ok, type Result } from '#shared/result.ts'
import type { CallHandlers } from '../calls/callHandlers.ts'
import type { FileHolders } from '../files/fileHolders.ts'
import type { FileStore } from '../files/fileStore.ts'
import type { OwnUploads } from '../files/ownUploads.ts'
import { attemptOf, type Chunk, type ErrorData } from '../jobs/chunk.ts'
import { acceptFrame, refuseFrame } from '../jobs/chunkMoves.ts'
import type { JobBriefs } from '../jobs/jobBriefs.ts'
import { verdictOf } from '../jobs/taskDocument.ts'
import type { DocumentStore } from '../store/documentStore.ts'
import { expectationFor } from './expectation.ts'
import { createLimit } from './limit.ts'
import { findTask } from './taskAccess.ts'

export type VerifyPicture = (path: string, expectation: FrameExpectation) => Promise<Result<ImageFacts>>

/** Pictures decoded at the same time; each may need much memory. */
const decodesAtOnce = 2
const decodesWaiting = 200

/** Our own trouble with a picture says nothing about the picture: the node is asked to come again. */
const notThePicturesFault: readonly ErrorCode[] = ['TIMED_OUT', 'UNEXPECTED', 'BUSY', 'DISK_FULL']

/**
 * `frame.deliver`: judges one picture. It is accepted by a compare-and-swap on the chunk that sets the frame once; a late one is taken when
 * its frame is still open, whatever became of the lease. The same frame and hash get the same verdict however often they come.
 * Errors: TASK_NOT_FOUND, LEASE_LOST (wrong token), FRAME_NOT_IN_TASK, FILE_NOT_FOUND (upload it first, for this very frame), FILE_ELSEWHERE (it
 * came up at another gateway, which shares no files), BUSY (come again).
 */
export function createDeliverFrame(parts: {
  store: DocumentStore
  briefs: JobBriefs
  files: FileStore
  ownUploads: Pick<OwnUploads, 'has'>
  holders: Pick<FileHolders, 'elsewhere'>
  verify: VerifyPicture
  clock: Clock
  onChanged(chunkId: string): void
  onAccepted(chunk: Chunk, renderMs: number): void
  onRejected(chunk: Chunk, taskId: string, frame: number, error: AppError): void
}): NonNullable<CallHandlers['frame.deliver']> {
  const { store, clock } = parts
  const limit = createLimit(decodesAtOnce, decodesWaiting)

  return async (session, { taskId, leaseToken, frame, sha256, renderMs }) => {
    const found = await findTask(store, session, taskId, leaseToken)
    if (!found.ok) return found
    const { chunk, chunkId, attempt } = found.value
    const { token } = attempt
    if (!attempt.frames.includes(frame)) return err(appError('FRAME_NOT_IN_TASK', { frame }))
    const known = settledVerdict(chunk, token, frame, sha256)
    if (known) return ok({ verdict: known })
    const superseded = await refuseTaken(chunkId, token, frame, sha256)
    if (superseded) return ok({ verdict: superseded })

    const job = await parts.briefs.get(chunk.jobOwnerId, chunk.jobId)
    // Of all that lies in the space of the job's owner only what this attempt sent for this frame.
    const file = (await parts.ownUploads.has({ taskId, frame, sha256 })) ? await parts.files.find(chunk.jobOwnerId, sha256) : null
    const holder = job && !file ? await parts.holders.elsewhere({ taskId, frame, sha256 }) : null
    if (holder !== null) return err(appError('FILE_ELSEWHERE', { sha256, holder }))
    if (!job || !file) return err(appError('FILE_NOT_FOUND', { sha256 }))
    const judged = await limit(() => file.withPath((path) => parts.verify(path, expectationFor(job, attempt.kind, frame))))
    if (judged === 'full') return err(appError('BUSY'))
    if (!judged.ok) {
      // It was there a moment ago.
      if (judged.error.code === 'FRAME_MISSING' && file.sizeBytes > 0) return err(appError('FILE_NOT_FOUND', { sha256 }))
      if (notThePicturesFault.includes(judged.error.code)) return err(judged.error)
      return ok({ verdict: await reject(chunkId, token, frame, sha256, judged.error) })
    }
    const { format, width, height } = judged.value
    const picture = { sha256, sizeBytes: file.sizeBytes, format, width, height, renderMs: Math.round(renderMs) }
    let accepted = false
    const after = await store.updatePrivate<Chunk>('chunks', chunkId, (current) => {
      const next = current && acceptFrame(current, token, frame, picture, clock.now())
      accepted = next !== null
      return next
    })
    if (accepted && after) {
      parts.onChanged(chunkId)
      parts.onAccepted(after, picture.renderMs)
    }
    const verdict = after && (settledVerdict(after, token, frame, sha256) ?? (await refuseTaken(chunkId, token, frame, sha256)))
    return verdict ? ok({ verdict }) : err(appError('BUSY'))
  }

  async function reject(chunkId: string, token: number, frame: number, sha256: string, error: AppError): Promise<Verdict> {
    const refusal = { verdict: 'rejected' as const, sha256, at: clock.now(), error: plainError(error) }
    const after = await store.updatePrivate<Chunk>('chunks', chunkId, (current) => current && refuseFrame(current, token, frame, refusal))
    parts.onChanged(chunkId)
    const attempt = after && attemptOf(after, token)
    if (after && attempt) parts.onRejected(after, attempt.taskId, frame, error)
    return { verdict: 'rejected', at: refusal.at, sha256, error: refusal.error }
  }

  /** The frame is not to be had any more: accepted already (by anybody), or the job was cancelled. null: it is still open. */
  async function refuseTaken(chunkId: string, token: number, frame: number, sha256: string): Promise<Verdict | null> {
    let taken: { verdict: 'superseded'; sha256: string; at: number; error: ErrorData } | null = null
    await store.updatePrivate<Chunk>('chunks', chunkId, (current) => {
      const first = current?.accepted[String(frame)]
      if (!current || (!first && current.wanted !== 'cancelled')) return null
      const error = first ? appError('FRAME_SUPERSEDED', { frame }) : appError('CANCELLED')
      taken = { verdict: 'superseded', sha256, at: clock.now(), error: plainError(error) }
      // A second picture from the very attempt whose first was accepted is answered, but changes nothing that is written.
      return first?.token === token ? null : refuseFrame(current, token, frame, taken)
    })
    if (taken) parts.onChanged(chunkId)
    return taken
  }
}

/** The verdict that this very picture has already got, if any. */
function settledVerdict(chunk: Chunk, token: number, frame: number, sha256: string): Verdict | null {
  const attempt = attemptOf(chunk, token)
  if (!attempt) return null
  const verdict = verdictOf(chunk, attempt, frame)
  return verdict.verdict !== 'open' && verdict.sha256 === sha256 ? verdict : null
}

/** An error as it stands in documents: flat details only. */
export function plainError(error: { code: string; message: string; details?: unknown }): ErrorData {
  const details = Object.entries((error.details ?? {}) as Record<string, unknown>).flatMap(([key, value]) =>
    value === null || ['string', 'number', 'boolean'].includes(typeof value)
      ? [[key, value as string | number | boolean | null] as const]
      : [],
  )
  return {
    code: error.code.slice(0, 64),
    message: error.message.slice(0, 2_000),
    ...(details.length > 0 ? { details: Object.fromEntries(details) } : {}),
  }
}
