import { nodeSessionSchema, nonceMessage, type NodeSession } from '#shared/api/gatewayRoutes.ts'
import { durations } from '#shared/durations.ts'
import { appError } from '#shared/errors/appError.ts'
import type { JsonObject, JsonValue } from '#shared/json.ts'
import type { Clock } from '#shared/log.ts'
import { err, ok, type Result } from '#shared/result.ts'

/** Who this node is towards its gateway; `sign` gives the Ed25519 signature of a text, base64url. */
export interface UplinkIdentity {
  nodeId: string
  serverId: string
  serverUrl: string
  sign: (text: string) => string
}

export interface SessionTokensOptions {
  identity: UplinkIdentity
  /** Random per start of the runtime: two live ones on one key are a clone. */
  instanceId: string
  /** The owner's token where the owner of this computer signed in. */
  ownerToken: () => string | null
  /** A plain request to the gateway; answers the body. */
  ask: (serverUrl: string, path: string, body: JsonValue) => Promise<Result<unknown>>
  clock: Clock
}

export interface HeldSession extends NodeSession {
  /** By the monotonic clock: when a new one should be made. */
  renewAtMs: number
}

/** The node's session at its gateway: signed for with the node's key, kept until shortly before it ends. */
export function createSessionTokens({ identity, instanceId, ownerToken, ask, clock }: SessionTokensOptions) {
  let held: HeldSession | null = null
  let signingIn: Promise<Result<HeldSession>> | null = null

  async function signIn(): Promise<Result<HeldSession>> {
    const { nodeId, serverId, serverUrl, sign } = identity
    const answered = await ask(serverUrl, '/api/node/nonce', { nodeId })
    if (!answered.ok) return answered
    const nonce = (answered.value as { nonce?: unknown } | null)?.nonce
    if (typeof nonce !== 'string') return err(appError('SERVER_UNREACHABLE', { server: serverUrl, reason: 'no nonce in the answer' }))
    const owner = ownerToken()
    const request: JsonObject = { nodeId, nonce, signature: sign(nonceMessage(serverId, nodeId, nonce)), instanceId }
    if (owner !== null) request['ownerToken'] = owner
    const askedAtMs = clock.monotonicMs()
    const reply = await ask(serverUrl, '/api/node/session', request)
    if (!reply.ok) return reply
    const parsed = nodeSessionSchema.safeParse(reply.value)
    if (!parsed.success) return err(appError('SERVER_UNREACHABLE', { server: serverUrl, reason: 'no session in the answer' }))
    const { expiresAtMs, serverTimeMs } = parsed.data
    held = { ...parsed.data, renewAtMs: askedAtMs + Math.max(1_000, expiresAtMs - serverTimeMs - durations.sessionRenewMs) }
    return ok(held)
  }

  return {
    /** The session that is held, or a new one. Callers at the same time share one sign-in. Errors: network, NODE_*, NOT_SIGNED_IN. */
    async get(): Promise<Result<HeldSession>> {
      if (held !== null && clock.monotonicMs() < held.renewAtMs) return ok(held)
      signingIn ??= signIn().finally(() => (signingIn = null))
      return signingIn
    },
    /** The gateway did not accept it any more. */
    drop(): void {
      held = null
    },
  }
}
