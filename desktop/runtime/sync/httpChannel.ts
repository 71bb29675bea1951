import { text } from 'node:stream/consumers'
import { durations } from '#shared/durations.ts'
import { AppErrorException, appError } from '#shared/errors/appError.ts'
import { err, type Result } from '#shared/result.ts'
import { createHttpChannel } from '#shared/sync/httpChannel.ts'
import { connectionHeader, type ClientChannel, type ClientMessage } from '#shared/sync/protocol.ts'
import { httpRequest, whyItFailed } from '../http/httpRequest.ts'
import { errorIn, errorOfStatus } from './webSocketChannel.ts'

export interface HttpTarget {
  /** Address of the gateway. */
  serverUrl: string
  headers: Record<string, string>
}

/**
 * The protocol over plain HTTP, where WebSockets are blocked: each request is a `POST /sync/<op>`, events are the lines of
 * `GET /sync/events`. Rejects with AppErrorException: the peer's own refusal, or SERVER_UNREACHABLE.
 */
export async function openHttpChannel({ serverUrl, headers }: HttpTarget): Promise<ClientChannel> {
  const abort = new AbortController()
  const { events, connectionId } = await openEvents(serverUrl, headers, abort)
  const allHeaders = { ...headers, [connectionHeader]: connectionId }

  async function post({ op, payload }: ClientMessage): Promise<Result<unknown>> {
    try {
      const response = await httpRequest(new URL(`/sync/${op}`, serverUrl), {
        method: 'POST',
        headers: { ...allHeaders, 'content-type': 'application/json' },
        body: JSON.stringify(payload),
        signal: abort.signal,
      })
      const [body, status] = [await text(response), response.statusCode ?? 0]
      const error = errorIn(body)
      if (error !== null) return err(error)
      if (status === 200) return JSON.parse(body) as Result<unknown>
      return err(errorOfStatus(status) ?? appError('SERVER_UNREACHABLE', { server: serverUrl, reason: `HTTP ${status}` }))
    } catch (thrown) {
      return err(appError('SERVER_UNREACHABLE', { server: serverUrl, reason: whyItFailed(thrown) }))
    }
  }
  return createHttpChannel({ events, post, abort: () => abort.abort(), whyItFailed })
}

async function openEvents(
  serverUrl: string,
  headers: Record<string, string>,
  abort: AbortController,
): Promise<{ events: AsyncIterable<string>; connectionId: string }> {
  const timer = setTimeout(() => abort.abort(), durations.connectTimeoutMs)
  try {
    const response = await httpRequest(new URL('/sync/events', serverUrl), { headers, signal: abort.signal })
    const status = response.statusCode ?? 0
    if (status === 200) return { events: response.setEncoding('utf8'), connectionId: String(response.headers[connectionHeader] ?? '') }
    const error = errorIn(await text(response)) ?? errorOfStatus(status)
    throw new AppErrorException(error ?? appError('SERVER_UNREACHABLE', { server: serverUrl, reason: `HTTP ${status}` }))
  } catch (thrown) {
    if (thrown instanceof AppErrorException) throw thrown
    throw new AppErrorException(appError('SERVER_UNREACHABLE', { server: serverUrl, reason: whyItFailed(thrown) }), {
      cause: thrown,
    })
  } finally {
    clearTimeout(timer)
  }
}
