import { createReadStream } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { durations } from '#shared/durations.ts'
import { appError } from '#shared/errors/appError.ts'
import type { Result } from '#shared/result.ts'
import { httpRequest, whyItFailed } from '../http/httpRequest.ts'
import { errorIn, errorOfStatus } from '../sync/webSocketChannel.ts'
import { sendError } from './responses.ts'
import { safeHeaders } from './staticFiles.ts'

/** A picture that is on this computer; null when it is not. */
export type FindFrame = (jobId: string, frame: number, size: 'full' | 'thumb') => Promise<{ path: string; contentType: string } | null>
export type GatewayAccess = () => Promise<Result<{ serverUrl: string; token: string }>>

const framePath = /^\/api\/jobs\/([a-z0-9][a-z0-9_.:-]{0,119})\/frames\/(\d{1,7})(\/thumb|\/source)?$/

/** Which picture an address names; null when it names none. */
export function frameOf(pathname: string): { jobId: string; frame: number; size: 'full' | 'thumb' | 'source' } | null {
  // Ids need no escaping but for their colons, which some clients escape.
  const match = framePath.exec(pathname.replaceAll(/%3a/gi, ':'))
  if (match === null) return null
  const [, jobId = '', frame = '', part] = match
  return { jobId, frame: Number(frame), size: part === undefined ? 'full' : part === '/thumb' ? 'thumb' : 'source' }
}

/** Answers with a job's picture: this computer's own, else the gateway's. */
export async function sendFrame(response: ServerResponse, pathname: string, find: FindFrame, access: GatewayAccess): Promise<void> {
  const wanted = frameOf(pathname)
  if (wanted === null) return sendError(response, appError('NOT_FOUND'))
  const found = wanted.size === 'source' ? null : await find(wanted.jobId, wanted.frame, wanted.size)
  if (found !== null) {
    response.writeHead(200, { ...safeHeaders, 'content-type': found.contentType, 'cache-control': 'private, no-cache' })
    return pipeline(createReadStream(found.path), response)
  }
  const gateway = await access()
  if (!gateway.ok) return sendError(response, gateway.error)
  await forward(response, new URL(pathname, gateway.value.serverUrl), gateway.value.token)
}

async function forward(response: ServerResponse, url: URL, token: string): Promise<void> {
  try {
    const signal = AbortSignal.timeout(durations.requestTimeoutMs)
    const answer = await httpRequest(url, { headers: { authorization: `Bearer ${token}` }, signal })
    if (answer.statusCode !== 200) {
      const error = errorIn(await text(answer)) ?? errorOfStatus(answer.statusCode ?? 0) ?? appError('NOT_FOUND')
      return sendError(response, error)
    }
    const contentType = answer.headers['content-type'] ?? ''
    response.writeHead(200, {
      ...safeHeaders,
      // Pictures only: nothing the gateway sends may run in the page.
      'content-type': contentType.startsWith('image/') && !contentType.includes('svg') ? contentType : 'application/octet-stream',
      'cache-control': 'private, no-cache',
    })
    await pipeline(answer, response)
  } catch (thrown) {
    if (response.headersSent) response.destroy()
    else sendError(response, appError('SERVER_UNREACHABLE', { server: url.host, reason: whyItFailed(thrown) }))
  }
}
