import type { RuntimeCallName, RuntimeInput, RuntimeOutput } from '#shared/api/runtimeCalls.ts'
import { isRuntimeCall, runtimeCalls } from '#shared/api/runtimeCalls.ts'
import { gatewayCalls, isGatewayCall } from '#shared/api/gatewayCalls.ts'
import { appError, toAppError } from '#shared/errors/appError.ts'
import type { JsonValue } from '#shared/json.ts'
import type { Logger } from '#shared/log.ts'
import { err, type Result } from '#shared/result.ts'
import type { Session } from '#shared/sync/backend.ts'

/** What the parts of the runtime answer to the dashboard's calls. The input is parsed and the caller is known to be allowed. */
export type RuntimeCallHandlers = {
  [Name in RuntimeCallName]?: (input: RuntimeInput<Name>, session: Session) => Promise<Result<RuntimeOutput<Name>>>
}

export interface RuntimeCallsOptions {
  handlers: RuntimeCallHandlers
  /** The gateway; answers SERVER_UNREACHABLE while there is none. */
  forward: (name: string, input: JsonValue) => Promise<Result<JsonValue>>
  log: Logger
}

/** Answers a named call: the runtime's own here, the owner's calls to the gateway there. */
export function createRuntimeCalls({ handlers, forward, log }: RuntimeCallsOptions) {
  return async (session: Session, name: string, input: JsonValue): Promise<Result<JsonValue>> => {
    if (isGatewayCall(name)) {
      // What a node may call is this runtime's own business, not a window's.
      if (!session.isOwner || !(gatewayCalls[name].callers as readonly string[]).includes('owner')) return err(appError('NOT_ALLOWED'))
      return forward(name, input)
    }
    if (!isRuntimeCall(name)) return err(appError('NOT_FOUND'))
    if (!session.isOwner) return err(appError('NOT_ALLOWED'))
    const handler = handlers[name] as ((input: unknown, session: Session) => Promise<Result<JsonValue>>) | undefined
    if (handler === undefined) return err(appError('NOT_FOUND'))
    const parsed = runtimeCalls[name].input.safeParse(input)
    if (!parsed.success) {
      const issue = parsed.error.issues[0]
      return err(
        appError('REQUEST_INVALID', {
          reason: `${name} ${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? ''}`.slice(0, 300),
        }),
      )
    }
    try {
      return await handler(parsed.data, session)
    } catch (thrown) {
      log.error('call failed', { name, reason: toAppError(thrown).message })
      return err(toAppError(thrown))
    }
  }
}
