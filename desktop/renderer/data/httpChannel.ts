import { durations } from '#shared/durations.ts'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import { err, type Result } from '#shared/result.ts'
import { connectionHeader, type ClientChannel, type ClientMessage, type PeerMessage } from '#shared/sync/protocol.ts'
import { readLines } from '#shared/sync/readLines.ts'
import { errorOf } from '../request.ts'

/**
 * The protocol over plain HTTP, for a page whose WebSocket something on the way blocks: each request is a `POST <op>`, what happens are the lines of
 * `GET events`; the session travels in its cookie. Rejects with AppErrorException: the peer's own refusal, or SERVER_UNREACHABLE.
 * @param root the address of the peer's `sync/`
 */
export async function openHttpChannel(root: URL): Promise<ClientChannel> {
  const abort = new AbortController()
  let onMessage: (message: PeerMessage) => void = () => undefined
  let onClose: (reason: string) => void = () => undefined
  let open = true
  let unsent = 0
  function ended(reason: string): void {
    if (!open) return
    open = false
    abort.abort()
    onClose(reason)
  }
  const deliver = (message: PeerMessage): void => {
    if (open) onMessage(message)
  }
  const { events, connectionId } = await openEvents(root, abort)
  void readLines(piecesOf(events), (line) => deliver(JSON.parse(line) as PeerMessage)).then(
    () => ended('event stream ended'),
    (thrown: unknown) => ended(String(thrown)),
  )

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
  return {
    send(message) {
      if (!open) return
      unsent += 1
      void post(message).then((result) => {
        unsent -= 1
        deliver({ id: message.id, result })
        // The stream would not say for long that the session ended or the line is gone.
        if (!result.ok && (result.error.code === 'NOT_SIGNED_IN' || result.error.code === 'SERVER_UNREACHABLE')) ended(result.error.code)
      })
    },
    queued: () => unsent,
    onMessage: (handler) => (onMessage = handler),
    onClose: (handler) => (onClose = handler),
    close() {
      open = false
      abort.abort()
    },
  }
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
