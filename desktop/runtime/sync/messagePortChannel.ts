import type { Channel, ClientChannel, ClientMessage, PeerChannel, PeerMessage } from '#shared/sync/protocol.ts'

/** What is used of a Node `MessagePort` and of Electron's `MessagePortMain`. */
export interface PortLike {
  postMessage(message: unknown): void
  /** Node hands over the message itself, Electron an event with `data`. */
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'close', listener: () => void): unknown
  start(): void
  close(): void
}

export const peerChannelOfPort = (port: PortLike): PeerChannel => channelOf<PeerMessage, ClientMessage>(port)
export const clientChannelOfPort = (port: PortLike): ClientChannel => channelOf<ClientMessage, PeerMessage>(port)

/**
 * The protocol over a message port. A port cannot tell how much the other side has not taken; the windows it leads to are on this computer and
 * their silence is noticed by the pings of the client.
 */
function channelOf<Out, In>(port: PortLike): Channel<Out, In> {
  const messageHandlers: ((message: In) => void)[] = []
  const closeHandlers: ((reason: string) => void)[] = []
  let open = true
  port.on('message', (message) => {
    if (!open) return
    // Safe: the peer core parses requests, the client core only reads fields it knows.
    for (const handler of messageHandlers) handler(dataOf(message) as In)
  })
  port.on('close', () => {
    if (!open) return
    open = false
    for (const handler of closeHandlers) handler('port closed')
  })
  port.start()
  return {
    send(message) {
      if (open) port.postMessage(message)
    },
    queued: () => 0,
    onMessage: (handler) => void messageHandlers.push(handler),
    onClose: (handler) => void closeHandlers.push(handler),
    close() {
      if (!open) return
      open = false
      port.close()
    },
  }
}

function dataOf(message: unknown): unknown {
  const isEvent = typeof message === 'object' && message !== null && 'data' in message && 'ports' in message
  return isEvent ? message.data : message
}
