import type { HelloInfo } from '#shared/api/gatewayRoutes.ts'
import { appError } from '#shared/errors/appError.ts'
import type { JsonValue } from '#shared/json.ts'
import type { Clock } from '#shared/log.ts'
import { err } from '#shared/result.ts'
import { protocolVersion } from '#shared/sync/protocol.ts'
import type { CallRegistry } from '../calls/callRegistry.ts'
import { resultText } from '../sync/rawReply.ts'
import type { HttpRoute } from './routeTable.ts'

export interface PlainRouteParts {
  server: { serverId: string; epoch: string; version: string }
  calls: CallRegistry
  clock: Clock
}

const callBodyLimit = 4 * 1024 * 1024

/** Signs of life, who we are, and the calls. */
export function plainRoutes({ server, calls, clock }: PlainRouteParts): HttpRoute[] {
  return [
    {
      method: 'GET',
      path: '/healthz',
      who: 'anyone',
      reason: 'says only that the process answers',
      handle: async () => ({ status: 'ok' }),
    },
    {
      method: 'GET',
      path: '/api/hello',
      who: 'anyone',
      reason: 'a client must know whom it speaks to before it shows a credential',
      handle: async (): Promise<HelloInfo> => ({
        product: 'pictor-gateway',
        ...server,
        protocol: protocolVersion,
        serverTimeMs: clock.now(),
      }),
    },
    {
      method: 'POST',
      path: '/api/call/:name',
      who: 'ownerNodeOrOperator',
      bodyLimit: callBodyLimit,
      example: { name: 'server.status' },
      async handle(request, reply, session) {
        if (session === null) return err(appError('NOT_SIGNED_IN'))
        const { name } = request.params as { name: string }
        // A JSON body is a JSON value; the call's schema does the rest.
        const result = await calls.call(session, name, (request.body ?? {}) as JsonValue)
        return result.ok ? reply.header('content-type', 'application/json; charset=utf-8').send(resultText(result)) : result
      },
    },
  ]
}
