import type { ServerResponse } from 'node:http'
import { durations } from '#shared/durations.ts'
import type { Clock } from '#shared/log.ts'
import type { PeerChannel } from '#shared/sync/protocol.ts'
import { messageText } from '../sync/rawReply.ts'

/** The event stream over HTTP: one JSON text a line, an empty line as a sign of life. Requests come by `POST /sync/<op>`. */
export function createEventStreamChannel(response: ServerResponse, clock: Clock): PeerChannel {
  const closeHandlers: ((reason: string) => void)[] = []
  let open = true
  let cancel = clock.after(durations.pingIntervalMs, beat)
  function beat(): void {
    response.write('\n')
    cancel = clock.after(durations.pingIntervalMs, beat)
  }
  function ended(reason: string): void {
    if (!open) return
    open = false
    cancel()
    for (const handler of closeHandlers) handler(reason)
  }
  response.on('close', () => ended('closed'))
  response.on('error', (error) => ended(error.message))
  return {
    send(message) {
      if (open) response.write(`${messageText(message)}\n`)
    },
    queued: () => response.writableLength,
    onMessage: () => undefined,
    onClose: (handler) => void closeHandlers.push(handler),
    close(reason) {
      ended(reason)
      response.end()
    },
  }
}
