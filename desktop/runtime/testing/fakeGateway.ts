import { randomUUID } from 'node:crypto'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import type { CollectionName } from '#shared/collections/collections.ts'
import { appError, type AppError } from '#shared/errors/appError.ts'
import type { Session } from '#shared/sync/backend.ts'
import { createSyncPeer } from '#shared/sync/peer.ts'
import { connectionHeader, limits, type ClientMessage, type PeerChannel, type WireDocument } from '#shared/sync/protocol.ts'
import { createFakeBackend } from '#shared/sync/testing/fakeBackend.ts'
import { peerChannelOf } from '../sync/webSocketChannel.ts'
import { systemClock } from '../systemClock.ts'
import { quietLog } from './quietLog.ts'

export interface FakeGatewayOptions {
  port?: number
  /** Written documents are kept here and found again at the next start. */
  file?: string
  sessionMs?: number
}

/**
 * A gateway for tests of the runtime: the real routes and the real peer core over sockets, with documents in memory and sessions that are
 * given to whoever asks.
 */
export async function startFakeGateway({ port = 0, file, sessionMs = 3_600_000 }: FakeGatewayOptions = {}) {
  let loaded = false
  const fake = createFakeBackend({
    onPut: (collection, document) => {
      if (loaded && file !== undefined) appendFileSync(file, `${JSON.stringify([collection, document])}\n`)
    },
  })
  if (file !== undefined && existsSync(file)) {
    for (const line of readFileSync(file, 'utf8')
      .split('\n')
      .filter((text) => text.endsWith(']'))) {
      const [collection, document] = JSON.parse(line) as [CollectionName, WireDocument]
      fake.put(collection, document)
    }
  }
  loaded = true
  fake.backend.serverTimeMs = () => Date.now()
  const peer = createSyncPeer({ backend: fake.backend, log: quietLog, clock: systemClock })
  const sessions = new Map<string, Session>()
  const requests: string[] = []
  let refuseNode: AppError | null = null
  let webSocketsBlocked = false

  const server = createServer((request, response) => void answer(request, response))
  const sockets = new WebSocketServer({ noServer: true, maxPayload: limits.messageBytes })
  server.on('upgrade', (request, socket, head) => {
    requests.push(`WS ${request.url ?? ''}`)
    const session = sessionOf(request)
    if (webSocketsBlocked || session === null) {
      const body = JSON.stringify({ ok: false, error: appError('NOT_SIGNED_IN') })
      return void socket.end(
        webSocketsBlocked
          ? 'HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\ncontent-length: 0\r\n\r\n'
          : `HTTP/1.1 401 Unauthorized\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      )
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => void peer.accept(session, peerChannelOf(webSocket)))
  })
  function sessionOf(request: IncomingMessage): Session | null {
    return sessions.get((request.headers.authorization ?? '').replace('Bearer ', '')) ?? null
  }
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://x').pathname
    requests.push(`${request.method ?? ''} ${path}`)
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const body = chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>)
    const send = (status: number, value: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(value))
    }
    if (path.startsWith('/api/') && refuseNode !== null) return send(403, { ok: false, error: refuseNode })
    if (path === '/api/node/nonce') return send(200, { nonce: randomUUID() })
    if (path === '/api/node/session') {
      const token = randomUUID()
      const nodeId = String(body['nodeId'])
      const isOwner = typeof body['ownerToken'] === 'string'
      const expiresAtMs = Date.now() + sessionMs
      sessions.set(token, { sessionId: token, ownerId: 'owner-1', nodeId, isOwner, expiresAtMs })
      return send(200, { token, expiresAtMs, ownerId: 'owner-1', nodeId, isOwner, epoch: '-', serverTimeMs: Date.now() })
    }
    const session = sessionOf(request)
    if (session === null) return send(401, { ok: false, error: appError('NOT_SIGNED_IN') })
    if (path === '/sync/events') {
      const connectionId = randomUUID()
      response.writeHead(200, { 'content-type': 'application/x-ndjson', [connectionHeader]: connectionId })
      response.flushHeaders()
      peer.accept(session, streamChannel(response), connectionId)
      return
    }
    if (path.startsWith('/api/jobs/')) {
      response.writeHead(200, { 'content-type': 'image/png' })
      return void response.end('picture from the gateway')
    }
    const connectionId = request.headers[connectionHeader]
    return send(
      200,
      await peer.request(session, path.replace('/sync/', ''), body, typeof connectionId === 'string' ? connectionId : undefined),
    )
  }

  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    ...fake,
    url,
    peer,
    requests,
    /** As after a restart that lost its sessions, or a revocation: tokens are worth nothing and connections end. */
    forgetSessions() {
      sessions.clear()
      for (const socket of sockets.clients) socket.terminate()
    },
    refuseNodes: (error: AppError | null) => void (refuseNode = error),
    blockWebSockets: (blocked: boolean) => void (webSocketsBlocked = blocked),
    dropConnections: () => {
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
    },
    async stop() {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}
export type FakeGateway = Awaited<ReturnType<typeof startFakeGateway>>

function streamChannel(response: ServerResponse): PeerChannel {
  return {
    send: (message) => void response.write(`${JSON.stringify(message)}\n`),
    queued: () => response.writableLength,
    onMessage: (_handler: (message: ClientMessage) => void) => undefined,
    onClose: (handler) => void response.on('close', () => handler('closed')),
    close: () => void response.end(),
  }
}
