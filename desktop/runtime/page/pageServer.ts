import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { linkSignInSchema, passwordSignInSchema, type PageInfo, type SessionInfo } from '#shared/api/gatewayRoutes.ts'
import { durations } from '#shared/durations.ts'
import { AppErrorException, appError, toAppError } from '#shared/errors/appError.ts'
import type { Logger } from '#shared/log.ts'
import type { Session } from '#shared/sync/backend.ts'
import type { SyncPeer } from '#shared/sync/peer.ts'
import { limits } from '#shared/sync/protocol.ts'
import { peerChannelOf } from '../sync/webSocketChannel.ts'
import { frameOf, sendFrame, type FindFrame, type GatewayAccess } from './frames.ts'
import { cookieOf, isOwnRequest, setCookie } from './guard.ts'
import { answerObserver, isSameSecret, type ObserveOptions } from './observe.ts'
import { addressesOf, readTls, type PageListen } from './pageListen.ts'
import { readJson, sendError, sendJson } from './responses.ts'
import { receiveScene, type SceneIntake } from './sceneUpload.ts'
import type { PageSession, PageSessions } from './sessions.ts'
import { createStaticFiles } from './staticFiles.ts'

export interface PageServerOptions {
  /** Where it listens; default: loopback, plain. */
  listen?: PageListen
  /** 0 finds a free one. */
  port: number
  /** The built dashboard (out/renderer). */
  root: string
  sessions: PageSessions
  peer: SyncPeer
  owner: { ownerId: string; ownerName: string; nodeId: string }
  appVersion: string
  /** Lets in as often as it is given, for nodes nobody sits at; null: one-time links only. */
  pageToken?: string | null
  observe?: Omit<ObserveOptions, 'onLoopbackOnly'>
  scenes: SceneIntake
  findFrame: FindFrame
  access: GatewayAccess
  /** Session times are this computer's, those of the sync peer the server's: how much later the server's are. */
  serverOffsetMs: () => number
  log: Logger
}

export interface PageServer {
  /** `http://127.0.0.1:<port>` */
  url: string
  port: number
  /** The address that lets the owner in once; its secret stands behind the `#`, which browsers do not send. */
  makeLink: () => string
  stop: () => Promise<void>
}

const bodyLimit = 64 * 1024
const attemptsPerMinute = 30

/** Starts the node's local page. Rejects with AppErrorException PORT_IN_USE, TLS_REQUIRED, CONFIG_MALFORMED (a TLS file cannot be read). */
export async function startPageServer(options: PageServerOptions): Promise<PageServer> {
  const { sessions, peer, owner, log } = options
  const where = options.listen ?? { host: '127.0.0.1', tls: null, behindProxy: false, publicUrl: null }
  const { extraHosts, encrypted, onLoopbackOnly } = addressesOf(where)
  const sendStatic = createStaticFiles(options.root)
  let attempts: number[] = []
  let port = options.port

  const answerAll = (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch((thrown: unknown) => {
      const error = toAppError(thrown)
      if (!request.destroyed) log.warn('page request failed', { path: pathOf(request).pathname, reason: error.message })
      if (response.headersSent) response.destroy()
      else sendError(response, error)
    })
  }
  const server = where.tls === null ? createPlainServer(answerAll) : createTlsServer(readTls(where.tls), answerAll)
  server.headersTimeout = durations.requestTimeoutMs
  // Uploads of large scenes take as long as they take; idle connections are ended by the keep-alive time-out.
  server.requestTimeout = 0
  const sockets = new WebSocketServer({ noServer: true, maxPayload: limits.messageBytes, perMessageDeflate: false })
  server.on('upgrade', (request, socket, head) => upgrade(request, socket, head))

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isOwnRequest(request, port, extraHosts)) return sendError(response, appError('NOT_ALLOWED'))
    const { pathname, searchParams } = pathOf(request)
    const route = `${request.method ?? 'GET'} ${pathname}`
    if (route === 'GET /healthz') return sendJson(response, 200, { ok: true })
    if (route === 'GET /api/hello') return sendJson(response, 200, { product: 'pictor-runtime', version: options.appVersion })
    if (route === 'GET /api/page') return sendJson(response, 200, pageInfoOf(sessionOf(request)))
    if (options.observe !== undefined && (await answerObserver(request, response, pathname, { ...options.observe, onLoopbackOnly }))) return
    if (route === 'POST /api/session/link' || route === 'POST /api/session/password') return signIn(request, response)
    if (!pathname.startsWith('/api/') && !pathname.startsWith('/sync/')) return page(request, response, pathname)
    const session = sessionOf(request)
    if (session === null) return sendError(response, appError('NOT_SIGNED_IN'))
    if (route === 'GET /api/session') return sendJson(response, 200, infoOf(session))
    if (route === 'DELETE /api/session') return signOut(request, response, session)
    if (route === 'PUT /api/scenes') {
      const staged = await receiveScene(request, searchParams.get('name') ?? '', options.scenes)
      return staged.ok ? sendJson(response, 200, staged.value) : sendError(response, staged.error)
    }
    if (request.method === 'GET' && frameOf(pathname) !== null) return sendFrame(response, pathname, options.findFrame, options.access)
    sendError(response, appError('NOT_FOUND'))
  }

  async function page(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return sendError(response, appError('NOT_FOUND'))
    if (!(await sendStatic(request, response, pathname))) sendError(response, appError('NOT_FOUND'))
  }
  async function signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const now = performance.now()
    attempts = attempts.filter((at) => at > now - 60_000)
    if (attempts.length >= attemptsPerMinute) return sendError(response, appError('TOO_MANY_ATTEMPTS', { seconds: 60 }))
    attempts.push(now)
    const body = await readJson(request, bodyLimit)
    const given = body.ok ? body.value : null
    // The sign-in form of the dashboard asks for name and password: here the password is the page's token.
    const secret = linkSignInSchema.safeParse(given).data?.secret ?? passwordSignInSchema.safeParse(given).data?.password
    if (secret === undefined) return sendError(response, appError('REQUEST_INVALID', { reason: 'a secret is missing' }))
    const token = options.pageToken ?? null
    const session = token !== null && isSameSecret(secret, token) ? sessions.begin() : sessions.signIn(secret)
    if (session === null) return sendError(response, appError('LINK_USED_OR_EXPIRED'))
    sendJson(response, 200, infoOf(session), { 'set-cookie': setCookie(session.token, durations.ownerSessionMs / 1_000, encrypted) })
  }
  function signOut(request: IncomingMessage, response: ServerResponse, session: PageSession): void {
    sessions.signOut(cookieOf(request) ?? '')
    peer.closeWhere((other) => other.sessionId === session.sessionId, appError('NOT_SIGNED_IN'), false)
    sendJson(response, 200, {}, { 'set-cookie': setCookie('', 0, encrypted) })
  }
  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refuse = (status: string) => socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
    socket.on('error', () => socket.destroy())
    if (!isOwnRequest(request, port, extraHosts)) return void refuse('403 Forbidden')
    if (pathOf(request).pathname !== '/sync/live') return void refuse('404 Not Found')
    const session = sessionOf(request)
    if (session === null) return void refuse('401 Unauthorized')
    sockets.handleUpgrade(request, socket, head, (webSocket) => void peer.accept(peerSessionOf(session), peerChannelOf(webSocket)))
  }
  function sessionOf(request: IncomingMessage): PageSession | null {
    const token = cookieOf(request)
    return token === null ? null : sessions.find(token)
  }
  function peerSessionOf({ sessionId, expiresAtMs }: PageSession): Session {
    return { sessionId, ownerId: owner.ownerId, nodeId: null, isOwner: true, expiresAtMs: expiresAtMs + options.serverOffsetMs() }
  }
  const infoOf = ({ expiresAtMs }: PageSession): SessionInfo => ({ ...owner, isOwner: true, expiresAtMs })
  const pageInfoOf = (session: PageSession | null): PageInfo => ({ place: 'runtime', session: session === null ? null : infoOf(session) })

  port = await listen(server, where.host, options.port)
  const url = `${where.tls === null ? 'http' : 'https'}://127.0.0.1:${port}`
  const address = where.publicUrl?.replace(/\/$/, '') ?? url
  return {
    url,
    port,
    makeLink: () => `${address}/#link=${sessions.makeLink()}`,
    async stop() {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new AppErrorException(appError('PORT_IN_USE', { port }), { cause: error }) : error)
    })
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port))
  })
}

function pathOf(request: IncomingMessage): URL {
  // Two slashes at the front would read as a host.
  return new URL((request.url ?? '/').replace(/^\/+/, '/'), 'http://page')
}
