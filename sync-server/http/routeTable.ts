import type { FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import type { WebSocket } from 'ws'
import type { Result } from '#shared/result.ts'
import type { Session } from '#shared/sync/backend.ts'

/**
 * Who may use a route at all; what a session then may see or do with a document or file is the handler's to check.
 * `observer` reads figures: the operator, or who has the token for it. `operator` is the command line of this machine, by the secret in the data folder.
 */
export type RouteAccess = 'anyone' | 'owner' | 'node' | 'ownerOrNode' | 'ownerNodeOrOperator' | 'observer'

interface RouteBase {
  method: HTTPMethods | HTTPMethods[]
  /** Fastify's pattern, e.g. `/api/jobs/:jobId/frames/:frame`. */
  path: string
  who: RouteAccess
  /** Why nobody needs a session here, for `anyone`. */
  reason?: string
  /** Bytes of a JSON body; default 64 KiB. */
  bodyLimit?: number
  /** The handler reads the request's stream itself (uploads): no body parser, no body limit, no request timeout. */
  streamsBody?: boolean
  /** Values for the path's parameters, for the test that walks every route. */
  example?: Record<string, string>
}
/** Answers by returning a value (sent as JSON), a Result (its error becomes the status), or by writing to `reply` and returning it. */
export interface HttpRoute extends RouteBase {
  handle(request: FastifyRequest, reply: FastifyReply, session: RouteSession): Promise<unknown>
}
export interface WebSocketRoute extends RouteBase {
  method: 'GET'
  /** Asked before the upgrade. */
  welcome(session: RouteSession): Promise<Result<null>>
  socket(socket: WebSocket, request: FastifyRequest, session: RouteSession): void
}
export type Route = HttpRoute | WebSocketRoute

/** null: nobody signed in (only on routes for `anyone`). */
export type RouteSession = Session | 'operator' | null

/** The one list of what the gateway answers to, with who may use it; one hook enforces it. Filled before the server listens. */
export interface RouteTable {
  add(...routes: Route[]): void
  all(): readonly Route[]
}

export function createRouteTable(): RouteTable {
  const routes: Route[] = []
  return {
    add(...added) {
      for (const route of added) {
        if (route.who === 'anyone' && route.reason === undefined) throw new Error(`say why anyone may use ${route.path}`)
        routes.push(route)
      }
    },
    all: () => routes,
  }
}

/** For routes that only sessions reach: narrows away `null` and the operator. */
export function clientSession(session: RouteSession): Session {
  if (session === null || session === 'operator') throw new Error('this route is for sessions only')
  return session
}
