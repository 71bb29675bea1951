import { appError } from '#shared/errors/appError.ts'
import type { Logger } from '#shared/log.ts'
import { err, ok } from '#shared/result.ts'
import { sendFile } from '../files/fileRoutes.ts'
import type { FileHolders } from '../files/fileHolders.ts'
import type { FileStore } from '../files/fileStore.ts'
import { clientSession, type HttpRoute } from '../http/routeTable.ts'
import { upscaledFrame } from '#shared/rules/upscale.ts'
import type { AcceptedFrame } from '../jobs/chunk.ts'
import { readImageFile } from '../jobs/imageFiles.ts'
import type { JobBriefs } from '../jobs/jobBriefs.ts'
import type { ThumbnailCache } from './thumbnailCache.ts'

const contentTypes: Record<string, string> = { PNG: 'image/png', JPEG: 'image/jpeg', TIFF: 'image/tiff' }

/** The accepted pictures of the session's own jobs, whole and small, and what an upscaled one was made from. Who renders for others does not get their pictures here. */
export function pictureRoutes(parts: {
  files: FileStore
  holders: Pick<FileHolders, 'elsewhere'>
  thumbnails: ThumbnailCache
  log: Logger
  find(ownerId: string, jobId: string, frame: number): Promise<AcceptedFrame | null>
  briefs: Pick<JobBriefs, 'get'>
}): HttpRoute[] {
  const example = { jobId: 'job-1', frame: '1' }
  async function locate(ownerId: string, params: unknown) {
    const { jobId, frame } = params as { jobId: string; frame: string }
    const number = /^\d{1,7}$/.test(frame) ? Number(frame) : -1
    const accepted = await parts.find(ownerId, jobId, number)
    if (accepted === null) return err(appError('NOT_FOUND'))
    const { sha256, taskId } = accepted
    const file = await parts.files.find(ownerId, sha256)
    if (file !== null) return ok({ accepted, file })
    const holder = await parts.holders.elsewhere({ taskId, frame: number, sha256 })
    return err(holder === null ? appError('NOT_FOUND') : appError('FILE_ELSEWHERE', { sha256, holder }))
  }
  return [
    {
      method: ['GET', 'HEAD'],
      path: '/api/jobs/:jobId/frames/:frame',
      who: 'owner',
      example,
      async handle(request, reply, session) {
        const found = await locate(clientSession(session).ownerId, request.params)
        if (!found.ok) return found
        const { sha256, format } = found.value.accepted
        return sendFile(request, reply, found.value.file, `"${sha256}"`, contentTypes[format] ?? 'image/x-exr')
      },
    },
    {
      method: ['GET', 'HEAD'],
      path: '/api/jobs/:jobId/frames/:frame/source',
      who: 'owner',
      example,
      async handle(request, reply, session) {
        const { ownerId } = clientSession(session)
        const { jobId, frame } = request.params as { jobId: string; frame: string }
        const job = await parts.briefs.get(ownerId, jobId)
        const image = job?.kind === 'upscale' && /^\d{1,7}$/.test(frame) ? upscaledFrame(job, Number(frame))?.image : undefined
        const file = image && (await parts.files.find(ownerId, image.sha256))
        const header = file && (await readImageFile(file, image.name))
        if (!image || !file || !header?.ok) return err(appError('NOT_FOUND'))
        return sendFile(request, reply, file, `"${image.sha256}"`, `image/${header.value.kind.toLowerCase()}`)
      },
    },
    {
      method: ['GET', 'HEAD'],
      path: '/api/jobs/:jobId/frames/:frame/thumb',
      who: 'owner',
      example,
      async handle(request, reply, session) {
        const { ownerId } = clientSession(session)
        const found = await locate(ownerId, request.params)
        if (!found.ok) return found
        const { sha256, format } = found.value.accepted
        try {
          const thumbnail = await parts.thumbnails.get(ownerId, sha256, found.value.file, format)
          if (thumbnail === 'full') return err(appError('BUSY'))
          return await sendFile(request, reply, thumbnail, `"${sha256}-t"`, 'image/webp')
        } catch (thrown) {
          parts.log.info('no preview of this picture', { sha256, format, reason: String(thrown) })
          return err(appError('NOT_FOUND'))
        }
      },
    },
  ]
}
