import { gatewayCalls, isGatewayCall, type GatewayCallName } from '#shared/api/gatewayCalls.ts'
import type { Caller } from '#shared/api/call.ts'
import { appError, toAppError } from '#shared/errors/appError.ts'
import type { JsonValue } from '#shared/json.ts'
import type { Logger } from '#shared/log.ts'
import { err, type Result } from '#shared/result.ts'
import { firstIssue } from '../store/firstIssue.ts'
import type { CallHandlers, CallSession } from './callHandlers.ts'

type AnyHandler = (session: CallSession, input: unknown) => Promise<Result<unknown>>

export interface CallRegistry {
  /** Adds handlers; two for one name is a mistake of ours and throws. */
  register(handlers: CallHandlers): void
  /**
   * Checks who calls, parses the input, runs the handler. Never rejects.
   * Errors: NOT_FOUND, NOT_ALLOWED, REQUEST_INVALID, and those of the call.
   */
  call(session: CallSession, name: string, input: JsonValue): Promise<Result<JsonValue>>
  /** Names without a handler, for a test that none was forgotten. */
  missing(): GatewayCallName[]
}

export function createCallRegistry(log: Logger): CallRegistry {
  const handlers = new Map<string, AnyHandler>()
  return {
    register(added) {
      for (const [name, handler] of Object.entries(added)) {
        if (handlers.has(name)) throw new Error(`two handlers for the call ${name}`)
        // Safe: `call` parses the input with the schema of the same name before the handler sees it.
        handlers.set(name, handler as AnyHandler)
      }
    },
    async call(session, name, input) {
      const handler = handlers.get(name)
      if (!isGatewayCall(name) || handler === undefined) return err(appError('NOT_FOUND'))
      const definition = gatewayCalls[name]
      const callers: readonly Caller[] = definition.callers
      if (!callers.some((caller) => isCaller(session, caller))) return err(appError('NOT_ALLOWED'))
      const parsed = definition.input.safeParse(input)
      if (!parsed.success) return err(appError('REQUEST_INVALID', { reason: firstIssue(parsed.error) }))
      try {
        // Safe: every output is described by a schema of plain JSON.
        return (await handler(session, parsed.data)) as Result<JsonValue>
      } catch (thrown) {
        const error = toAppError(thrown)
        if (error.code === 'UNEXPECTED') log.error('a call failed', { name, reason: describe(thrown) })
        return err(error)
      }
    },
    missing: () => (Object.keys(gatewayCalls) as GatewayCallName[]).filter((name) => !handlers.has(name)),
  }
}

function isCaller(session: CallSession, caller: Caller): boolean {
  if (session === 'operator') return caller === 'operator'
  if (caller === 'owner') return session.isOwner
  return caller === 'node' && session.nodeId !== null
}

function describe(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
}
