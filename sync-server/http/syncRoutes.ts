import { randomUUID } from 'node:crypto'
import type { Clock } from '#shared/log.ts'
import { limits } from '#shared/sync/protocol.ts'
import type { SyncPeer } from '#shared/sync/peer.ts'
import type { Identity } from '../identity/identity.ts'
import type { Connections } from '../sync/connections.ts'
import { resultText } from '../sync/rawReply.ts'
import { createEventStreamChannel } from './eventStreamChannel.ts'
import { clientSession, type Route } from './routeTable.ts'
import { securityHeaders } from './securityHeaders.ts'
import { createSocketChannel } from './socketChannel.ts'

/** Names the open event stream that a request over HTTP belongs to (for `watch`): given with the stream's answer. */
const connectionHeader = 'x-pictor-connection'

export interface SyncRouteParts {
  peer: SyncPeer
  identity: Identity
  connections: Connections
  clock: Clock
  encrypted: boolean
}

/** The protocol over its two network transports. */
export function syncRoutes({ peer, identity, connections, clock, encrypted }: SyncRouteParts): Route[] {
  return [
    {
      method: 'GET',
      path: '/sync/live',
      who: 'ownerOrNode',
      welcome: async (session) => identity.checkClone(clientSession(session)),
      socket(socket, _request, routeSession) {
        // A session of its own per connection: that is how one of several is told apart.
        const session = { ...clientSession(routeSession) }
        const channel = createSocketChannel(socket, clock)
        const connectionId = randomUUID()
        connections.add({
          ...{ connectionId, session, openedAtMs: clock.now(), answers: () => channel.answers() },
          close: (error, retry) => void peer.closeWhere((other) => other === session, error, retry),
        })
        channel.onClose(() => connections.remove(connectionId))
        peer.accept(session, channel, connectionId)
      },
    },
    {
      method: 'POST',
      path: '/sync/:op',
      who: 'ownerOrNode',
      bodyLimit: limits.messageBytes,
      example: { op: 'hello' },
      async handle(request, reply, session) {
        const { op } = request.params as { op: string }
        const connectionId = request.headers[connectionHeader]
        const result = await peer.request(
          clientSession(session),
          op,
          request.body,
          typeof connectionId === 'string' ? connectionId : undefined,
        )
        // The protocol's errors are data; the status is for the transport.
        return reply.header('content-type', 'application/json; charset=utf-8').send(resultText(result))
      },
    },
    {
      method: 'GET',
      path: '/sync/events',
      who: 'ownerOrNode',
      async handle(_request, reply, routeSession) {
        const session = { ...clientSession(routeSession) }
        const connectionId = randomUUID()
        reply.hijack()
        const headers = {
          ...securityHeaders(encrypted),
          'content-type': 'application/x-ndjson',
          'cache-control': 'no-store',
          [connectionHeader]: connectionId,
        }
        reply.raw.writeHead(200, headers)
        reply.raw.flushHeaders()
        const channel = createEventStreamChannel(reply.raw, clock)
        connections.add({
          ...{ connectionId, session, openedAtMs: clock.now(), answers: async () => false },
          close: (error, retry) => void peer.closeWhere((other) => other === session, error, retry),
        })
        channel.onClose(() => connections.remove(connectionId))
        peer.accept(session, channel, connectionId)
        return reply
      },
    },
  ]
}
