import { pageInfoSchema } from '#shared/api/gatewayRoutes.ts'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import type { ClientChannel, ClientMessage, PeerMessage } from '#shared/sync/protocol.ts'
import { askJson } from '../request.ts'
import { openHttpChannel } from './httpChannel.ts'

/** What the desktop window's bridge gives a page (desktop/preload): a port to the runtime, again after each of its restarts. */
export interface PictorBridge {
  /** A fresh MessagePort to the runtime; rejects while it is down. */
  openRuntimePort(): Promise<MessagePort>
}

declare global {
  interface Window {
    pictor?: PictorBridge
  }
}

const unreachable = (server: string, reason: string): AppErrorException =>
  new AppErrorException(appError('SERVER_UNREACHABLE', { server, reason }))

/** So often in a row may the WebSocket alone fail, before plain HTTP is used instead. */
const webSocketTries = 2

/**
 * A line to the peer: a WebSocket, or plain HTTP where something on the way blocks WebSockets. A browser does not say why a WebSocket was not opened:
 * the peer is asked, so that a session that has ended is not taken for a peer that is away.
 * @param live the address of the peer's `sync/live`
 */
export function openLine(live: URL): () => Promise<ClientChannel> {
  const openSocket = openWebSocket(live)
  const root = new URL('.', live)
  root.protocol = live.protocol === 'wss:' ? 'https:' : 'http:'
  let blocked = 0
  return async () => {
    try {
      const channel = await openSocket()
      blocked = 0
      return channel
    } catch (thrown) {
      const page = await askJson(new URL('../api/page', root), pageInfoSchema)
      if (!page.ok) throw thrown
      if (page.value.session === null) throw new AppErrorException(appError('NOT_SIGNED_IN'))
      blocked += 1
      if (blocked < webSocketTries) throw thrown
      return openHttpChannel(root)
    }
  }
}

/** A WebSocket to `/sync/live` of the page's own origin; the session travels in its cookie. */
function openWebSocket(address: URL): () => Promise<ClientChannel> {
  return () =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(address)
      let onMessage: (message: PeerMessage) => void = () => undefined
      let onClose: (reason: string) => void = () => undefined
      let open = false
      socket.onopen = () => {
        open = true
        resolve({
          send: (message: ClientMessage) => {
            if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
          },
          queued: () => socket.bufferedAmount,
          onMessage: (handler) => (onMessage = handler),
          onClose: (handler) => (onClose = handler),
          close: (reason) => {
            onMessage = () => undefined
            onClose = () => undefined
            // A close reason holds at most 123 bytes.
            socket.close(1000, reason.slice(0, 100))
          },
        })
      }
      // The peer is trusted to speak the protocol: it is the server this page came from.
      socket.onmessage = (event: MessageEvent<string>) => onMessage(JSON.parse(event.data) as PeerMessage)
      socket.onclose = (event) => {
        if (open) onClose(event.reason || `closed (${event.code})`)
        else reject(unreachable(address.host, 'no connection'))
      }
    })
}

/** A channel over a MessagePort: messages travel as they are. */
export function portChannel(port: MessagePort): ClientChannel {
  let onClose: (reason: string) => void = () => undefined
  return {
    send: (message) => port.postMessage(message),
    queued: () => 0,
    onMessage: (handler) => {
      port.onmessage = (event: MessageEvent<PeerMessage>) => {
        handler(event.data)
        // The other end closes after this; not every browser tells when a port's other end is gone.
        if ('event' in event.data && event.data.event === 'closing') onClose('the peer is closing')
      }
    },
    onClose: (handler) => {
      onClose = handler
      port.addEventListener('close', () => onClose('the port closed'))
    },
    close: () => {
      onClose = () => undefined
      port.close()
    },
  }
}
