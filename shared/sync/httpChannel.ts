import type { Result } from '../result.ts'
import type { ClientChannel, ClientMessage, PeerMessage } from './protocol.ts'
import { readLines } from './readLines.ts'

/** What a process has its own way of doing. */
export interface HttpChannelParts {
  /** The peer's stream of events as text, in pieces. */
  events: AsyncIterable<string>
  /** Sends one request; never rejects. */
  post: (message: ClientMessage) => Promise<Result<unknown>>
  /** Ends the stream and every request under way. */
  abort: () => void
  whyItFailed: (thrown: unknown) => string
}

/** The protocol over plain HTTP, where something on the way blocks WebSockets: each message is a request, what happens are the lines of a stream. */
export function createHttpChannel({ events, post, abort, whyItFailed }: HttpChannelParts): ClientChannel {
  const messageHandlers: ((message: PeerMessage) => void)[] = []
  const closeHandlers: ((reason: string) => void)[] = []
  let open = true
  let unsent = 0
  function ended(reason: string): void {
    if (!open) return
    open = false
    abort()
    for (const handler of closeHandlers) handler(reason)
  }
  const deliver = (message: PeerMessage): void => {
    if (open) for (const handler of messageHandlers) handler(message)
  }
  void readLines(events, (line) => deliver(JSON.parse(line) as PeerMessage)).then(
    () => ended('event stream ended'),
    (thrown: unknown) => ended(whyItFailed(thrown)),
  )
  return {
    send(message) {
      if (!open) return
      unsent += 1
      void post(message).then((result) => {
        unsent -= 1
        deliver({ id: message.id, result })
        // The session ended or the line is gone: the event stream would not say so for long.
        if (!result.ok && (result.error.code === 'NOT_SIGNED_IN' || result.error.code === 'SERVER_UNREACHABLE')) ended(result.error.code)
      })
    },
    queued: () => unsent,
    onMessage: (handler) => void messageHandlers.push(handler),
    onClose: (handler) => void closeHandlers.push(handler),
    close() {
      open = false
      abort()
    },
  }
}
