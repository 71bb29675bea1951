import type { WebSocket } from 'ws'
import { durations } from '#shared/durations.ts'
import type { Clock } from '#shared/log.ts'
import type { ClientMessage, PeerChannel } from '#shared/sync/protocol.ts'
import { messageText } from '../sync/rawReply.ts'

export interface SocketChannel extends PeerChannel {
  /** Does the other end answer a ping in time? */
  answers(): Promise<boolean>
}

/** The serving end of the protocol on a WebSocket. A silent other end is pinged, and given up when it stays silent. */
export function createSocketChannel(socket: WebSocket, clock: Clock): SocketChannel {
  const messageHandlers: ((message: ClientMessage) => void)[] = []
  const closeHandlers: ((reason: string) => void)[] = []
  const signs = new Set<() => void>()
  let open = true
  let heardMs = clock.monotonicMs()
  let cancelPing = clock.after(durations.pingIntervalMs, keepAlive)

  function keepAlive(): void {
    const silentMs = clock.monotonicMs() - heardMs
    if (silentMs > durations.pingIntervalMs + durations.pongTimeoutMs) return socket.terminate()
    if (silentMs >= durations.pingIntervalMs / 2) socket.ping()
    cancelPing = clock.after(durations.pongTimeoutMs, keepAlive)
  }
  function heard(): void {
    heardMs = clock.monotonicMs()
    for (const sign of signs) sign()
  }
  function ended(reason: string): void {
    if (!open) return
    open = false
    cancelPing()
    for (const handler of closeHandlers) handler(reason)
  }
  socket.on('pong', heard)
  socket.on('ping', heard)
  socket.on('error', (error) => ended(error.message))
  socket.on('close', (code, reason) => ended(reason.toString('utf8') || `closed ${code}`))
  socket.on('message', (data: Buffer, isBinary) => {
    if (!open) return
    heard()
    const message = isBinary ? null : parse(data)
    if (message === null) {
      socket.close(1007, 'not JSON')
      return ended('not JSON')
    }
    for (const handler of messageHandlers) handler(message)
  })

  return {
    send(message) {
      if (socket.readyState === socket.OPEN) socket.send(messageText(message))
    },
    queued: () => socket.bufferedAmount,
    onMessage: (handler) => void messageHandlers.push(handler),
    onClose: (handler) => void closeHandlers.push(handler),
    close(reason) {
      ended(reason)
      socket.close(1000, reason.slice(0, 100))
      // A half-open line never answers the closing handshake.
      if (socket.readyState !== socket.CLOSED)
        socket.once(
          'close',
          clock.after(durations.pongTimeoutMs, () => socket.terminate()),
        )
    },
    answers() {
      if (!open || socket.readyState !== socket.OPEN) return Promise.resolve(false)
      return new Promise((resolve) => {
        const settle = (alive: boolean) => {
          signs.delete(sign)
          cancel()
          resolve(alive)
        }
        const sign = () => settle(true)
        const cancel = clock.after(durations.wakePongTimeoutMs, () => settle(false))
        signs.add(sign)
        socket.once('close', () => settle(false))
        socket.ping()
      })
    },
  }
}

function parse(data: Buffer): ClientMessage | null {
  try {
    // Whether it is a request is for the peer core to see.
    return JSON.parse(data.toString('utf8')) as ClientMessage
  } catch {
    return null
  }
}
