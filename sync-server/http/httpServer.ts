import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import fastifyWebsocket from '@fastify/websocket'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type RouteShorthandOptions } from 'fastify'
import type { WebSocket } from 'ws'
import { durations } from '#shared/durations.ts'
import { appError, toAppError, type AppError } from '#shared/errors/appError.ts'
import type { Logger } from '#shared/log.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { limits } from '#shared/sync/protocol.ts'
import type { Identity } from '../identity/identity.ts'
import { errorStatus } from './errorStatus.ts'
import { admit, foreignRequest, tokenOf } from './requestGuard.ts'
import { sameSecret } from '../identity/secrets.ts'
import type { HttpRoute, Route, RouteSession, WebSocketRoute } from './routeTable.ts'
import { securityHeaders } from './securityHeaders.ts'

export interface HttpServerOptions {
  host: string
  /** 0 finds a free one. */
  port: number
  tls: { certPath: string; keyPath: string } | null
  behindProxy: boolean
  /** Opens routes for observers. */
  metricsToken: string | null
  identity: Identity
  log: Logger
  /** Serves what no route is for: the dashboard's files. */
  serveStatic(request: FastifyRequest, reply: FastifyReply): Promise<unknown>
}
export interface HttpServer {
  port: number
  close(): Promise<void>
}

const jsonBodyLimit = 64 * 1024
const sessions = new WeakMap<FastifyRequest, RouteSession>()

export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\./.test(host)

/** Listens, with every route of the table behind one guard. Errors: TLS_REQUIRED, PORT_IN_USE, CONFIG_MALFORMED (a TLS file cannot be read). */
export async function startHttpServer(routes: readonly Route[], options: HttpServerOptions): Promise<Result<HttpServer>> {
  const { host, port, tls, behindProxy, log } = options
  if (!isLoopback(host) && tls === null && !behindProxy) return err(appError('TLS_REQUIRED'))
  const https = tls === null ? null : readTls(tls)
  if (https?.ok === false) return https
  const app = Fastify({
    ...(https === null ? {} : { https: https.value }),
    // What is worth a line is logged where it happens.
    logger: false,
    bodyLimit: jsonBodyLimit,
    // Silence, not length: an upload may take hours.
    connectionTimeout: durations.httpRequestTimeoutMs * 2,
    keepAliveTimeout: durations.httpRequestTimeoutMs,
    forceCloseConnections: true,
    trustProxy: behindProxy,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 200 },
  }) as unknown as FastifyInstance
  app.addHook('onSend', async (_request, reply) => void reply.headers(securityHeaders(tls !== null || behindProxy)))
  app.setErrorHandler((thrown, request, reply) => answerError(reply, errorOf(thrown, request, log)))
  app.setNotFoundHandler(async (request, reply) => {
    const foreign = foreignRequest(request, isLoopback(host))
    return foreign === null ? options.serveStatic(request, reply) : answerError(reply, foreign)
  })
  await app.register(fastifyWebsocket, { options: { maxPayload: limits.messageBytes, perMessageDeflate: false } })
  await app.register(async (scope) => {
    for (const route of routes) if (!isStreaming(route)) addRoute(scope, route, options)
  })
  await app.register(async (scope) => {
    // The handlers read the request themselves.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    for (const route of routes) if (isStreaming(route)) addRoute(scope, route, options)
  })
  try {
    await app.listen({ host, port })
  } catch (thrown) {
    await app.close()
    const inUse = thrown instanceof Error && 'code' in thrown && thrown.code === 'EADDRINUSE'
    return err(inUse ? appError('PORT_IN_USE', { port }) : toAppError(thrown))
  }
  return ok({ port: (app.server.address() as AddressInfo).port, close: () => app.close() })
}

const isStreaming = (route: Route) => route.streamsBody === true
const isSocket = (route: Route): route is WebSocketRoute => 'socket' in route

function addRoute(scope: FastifyInstance, route: Route, { host, identity, metricsToken }: HttpServerOptions): void {
  const guard = async (request: FastifyRequest, reply: FastifyReply) => {
    const refused = await refusal(request)
    if (refused !== null) return answerError(reply, refused)
  }
  async function refusal(request: FastifyRequest): Promise<AppError | null> {
    const foreign = foreignRequest(request, isLoopback(host))
    if (foreign !== null) return foreign
    if (route.who === 'observer' && metricsToken !== null && sameSecret(tokenOf(request) ?? '', metricsToken)) return null
    const admitted = await admit(request, route.who, identity)
    if ('error' in admitted) return admitted.error
    if (isSocket(route) && !request.ws) return appError('NOT_FOUND')
    const welcome = isSocket(route) ? await route.welcome(admitted.session) : ok(null)
    if (!welcome.ok) return welcome.error
    sessions.set(request, admitted.session)
    return null
  }
  const shared: RouteShorthandOptions = {
    onRequest: guard,
    bodyLimit: isStreaming(route) ? Number.MAX_SAFE_INTEGER : (route.bodyLimit ?? jsonBodyLimit),
  }
  if (isSocket(route)) {
    scope.get(route.path, { ...shared, websocket: true }, (socket: WebSocket, request: FastifyRequest) =>
      route.socket(socket, request, sessions.get(request) ?? null),
    )
    return
  }
  scope.route({ ...shared, method: route.method, url: route.path, handler: (request, reply) => answer(route, request, reply) })
}

async function answer(route: HttpRoute, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const value = await route.handle(request, reply, sessions.get(request) ?? null)
  if (isRefusal(value)) return answerError(reply, value.error)
  return value
}

function isRefusal(value: unknown): value is { ok: false; error: AppError } {
  return typeof value === 'object' && value !== null && 'ok' in value && value.ok === false && 'error' in value
}

/** Errors have one shape everywhere: a Result. */
function answerError(reply: FastifyReply, error: AppError): FastifyReply {
  return reply
    .code(errorStatus(error.code))
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify(err(error)))
}

function errorOf(thrown: unknown, request: FastifyRequest, log: Logger): AppError {
  const status = typeof thrown === 'object' && thrown !== null && 'statusCode' in thrown ? Number(thrown.statusCode) : 500
  const error = toAppError(thrown)
  if (error.code !== 'UNEXPECTED') return error
  if (status < 500) return appError('REQUEST_INVALID', { reason: messageOf(thrown) })
  log.error('a request failed', {
    route: request.routeOptions.url ?? '',
    reason: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
  })
  // What went wrong inside is for the log, not for whoever asks.
  return appError('UNEXPECTED', { reason: 'the server could not answer' })
}

const messageOf = (thrown: unknown) => (thrown instanceof Error ? thrown.message : 'malformed').slice(0, 200)

function readTls({ certPath, keyPath }: { certPath: string; keyPath: string }): Result<{ cert: Buffer; key: Buffer }> {
  try {
    return ok({ cert: readFileSync(certPath), key: readFileSync(keyPath) })
  } catch (thrown) {
    return err(appError('CONFIG_MALFORMED', { path: certPath, reason: toAppError(thrown).message }))
  }
}
