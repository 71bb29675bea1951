import { durations } from '#shared/durations.ts'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import { err, type Result } from '#shared/result.ts'
import { createHttpChannel } from '#shared/sync/httpChannel.ts'
import { connectionHeader, type ClientChannel, type ClientMessage } from '#shared/sync/protocol.ts'
import { errorOf } from '../request.ts'

/**
 * The protocol over plain HTTP, for a page whose WebSocket something on the way blocks: each request is a `POST <op>`, what happens are the lines of
 * `GET events`; the session travels in its cookie. Rejects with AppErrorException: the peer's own refusal, or SERVER_UNREACHABLE.
 * @param root the address of the peer's `sync/`
 */
export async function openHttpChannel(root: URL): Promise<ClientChannel> {
  const abort = new AbortController()
  const { events, connectionId } = await openEvents(root, abort)

  async function post({ op, payload }: ClientMessage): Promise<Result<unknown>> {
    try {
      const response = await fetch(new URL(op, root), {
        method: 'POST',
        headers: { 'content-type': 'application/json', [connectionHeader]: connectionId },
        body: JSON.stringify(payload),
        signal: abort.signal,
      })
      const answer: unknown = await response.json().catch(() => null)
      return response.ok ? (answer as Result<unknown>) : err(errorOf(answer, response.status))
    } catch (thrown) {
      return err(appError('SERVER_UNREACHABLE', { server: root.host, reason: String(thrown) }))
    }
  }
  return createHttpChannel({ events: piecesOf(events), post, abort: () => abort.abort(), whyItFailed: String })
}

async function openEvents(root: URL, abort: AbortController): Promise<{ events: ReadableStream<Uint8Array>; connectionId: string }> {
  const timer = setTimeout(() => abort.abort(), durations.connectTimeoutMs)
  try {
    const response = await fetch(new URL('events', root), { signal: abort.signal })
    const connectionId = response.headers.get(connectionHeader)
    if (response.ok && response.body !== null && connectionId !== null) return { events: response.body, connectionId }
    throw new AppErrorException(errorOf(await response.json().catch(() => null), response.status))
  } catch (thrown) {
    if (thrown instanceof AppErrorException) throw thrown
    throw new AppErrorException(appError('SERVER_UNREACHABLE', { server: root.host, reason: String(thrown) }), { cause: thrown })
  } finally {
    clearTimeout(timer)
  }
}

/** Not every browser lets a stream be walked through by itself. */
async function* piecesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = stream.getReader()
  const decoder = new TextDecoder()
  for (let part = await reader.read(); !part.done; part = await reader.read()) yield decoder.decode(part.value, { stream: true })
}
