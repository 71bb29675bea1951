import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Result } from '#shared/result.ts'
import type { Session } from '#shared/sync/backend.ts'
import { clientSession, type HttpRoute } from '../http/routeTable.ts'
import { byteRange } from './byteRange.ts'
import type { StoredFile } from './fileStore.ts'
import { uploadsPath, type Uploads } from './uploads.ts'

/** Uploads by tus; downloads with ranges. What a session may have is decided by `find`. */
export function fileRoutes(uploads: Uploads, find: (session: Session, sha256: string) => Promise<Result<StoredFile>>): HttpRoute[] {
  const upload: HttpRoute['handle'] = async (request, reply, session) => {
    const { ownerId, nodeId, isOwner } = clientSession(session)
    reply.hijack()
    await uploads.handle({ ownerId, nodeId, isOwner }, request.raw, reply.raw)
    return reply
  }
  return [
    { method: ['POST', 'OPTIONS'], path: uploadsPath, who: 'ownerOrNode', streamsBody: true, handle: upload },
    {
      method: ['HEAD', 'PATCH', 'DELETE'],
      path: `${uploadsPath}/:uploadId`,
      who: 'ownerOrNode',
      streamsBody: true,
      example: { uploadId: 'W10.00' },
      handle: upload,
    },
    {
      method: ['GET', 'HEAD'],
      path: '/files/:sha256',
      who: 'ownerOrNode',
      example: { sha256: '0'.repeat(64) },
      async handle(request, reply, session) {
        const { sha256 } = request.params as { sha256: string }
        const file = await find(clientSession(session), sha256)
        if (!file.ok) return file
        return sendFile(request, reply, file.value, `"${sha256}"`, 'application/octet-stream')
      },
    },
  ]
}

/** Streams a file that never changes under its tag. */
export async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: StoredFile,
  etag: string,
  contentType: string,
): Promise<FastifyReply> {
  void reply.headers({
    'content-type': contentType,
    'accept-ranges': 'bytes',
    etag,
    'cache-control': 'private, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  })
  if (request.headers['if-none-match'] === etag) return reply.code(304).send()
  const ifRange = request.headers['if-range']
  const range = byteRange(request.headers.range, typeof ifRange === 'string' ? ifRange : undefined, etag, file.sizeBytes)
  if (range.kind === 'none') return reply.code(416).header('content-range', `bytes */${file.sizeBytes}`).send()
  const [from, to] = range.kind === 'part' ? [range.from, range.to] : [0, file.sizeBytes - 1]
  void reply.header('content-length', String(to - from + 1))
  if (range.kind === 'part') void reply.code(206).header('content-range', `bytes ${from}-${to}/${file.sizeBytes}`)
  if (request.method === 'HEAD' || file.sizeBytes === 0) return reply.send()
  return reply.send(await file.read({ from, to }))
}
