import type { GatewayCallName, GatewayInput, GatewayOutput } from '#shared/api/gatewayCalls.ts'
import type { Result } from '#shared/result.ts'
import type { Session } from '#shared/sync/backend.ts'

/** Who calls: a session of an owner or node, or the operator of this machine (by the secret in the data folder). */
export type CallSession = Session | 'operator'

/**
 * Handlers of gateway calls. The registry has already checked that the caller's kind may make the call and that the input parses;
 * a handler checks what concerns its documents (is this task this node's?).
 */
export type CallHandlers = {
  [Name in GatewayCallName]?: (session: CallSession, input: GatewayInput<Name>) => Promise<Result<GatewayOutput<Name>>>
}
