import { durations } from '#shared/durations.ts'
import type { Clock } from '#shared/log.ts'
import type { Session } from '#shared/sync/backend.ts'
import { hashSecret, newId, newSecret } from './secrets.ts'

export interface Held {
  session: Session & { nodeId: string }
  instanceId: string
  /** The key it was made with: a session ends when its node's key is taken away or replaced. */
  publicKey: string
  /** The owner's session that lent its rights; ends with it. */
  ownerSessionId: string | null
  /** By the monotonic clock: a clock that is set neither ends a session nor lengthens it. The node renews it by such a clock too. */
  endsAtMs: number
}

const maxSessions = 50_000

/** Sessions of nodes (1 h): in memory, because a node makes a new one by itself. */
export interface NodeSessions {
  make(node: NodeFacts, ownerSession: Session | null): { token: string; session: Session & { nodeId: string } }
  find(token: string): Session | null
  instanceOf(sessionId: string): string | null
  /** The owner's session that lent a node's its rights. */
  ownerSessionOf(sessionId: string): string | null
  /** Returns the ids of the sessions that ended. */
  endWhere(fits: (held: Held) => boolean): Set<string>
}
interface NodeFacts {
  ownerId: string
  nodeId: string
  instanceId: string
  publicKey: string
}

export function createNodeSessions(clock: Clock): NodeSessions {
  const byToken = new Map<string, Held>()
  const bySession = new Map<string, Held>()

  function forget(tokenHash: string, held: Held): void {
    byToken.delete(tokenHash)
    bySession.delete(held.session.sessionId)
  }
  /** In order of age, so what is over stands in front. */
  function makeRoom(): void {
    for (const [tokenHash, held] of byToken) {
      if (held.endsAtMs > clock.monotonicMs() && byToken.size < maxSessions) break
      forget(tokenHash, held)
    }
  }

  return {
    make({ ownerId, nodeId, instanceId, publicKey }, ownerSession) {
      makeRoom()
      const token = newSecret('node')
      const expiresAtMs = Math.min(clock.now() + durations.nodeSessionMs, ownerSession?.expiresAtMs ?? Infinity)
      const session = { sessionId: newId('ns'), ownerId, nodeId, isOwner: ownerSession !== null, expiresAtMs }
      const endsAtMs = clock.monotonicMs() + expiresAtMs - clock.now()
      const held = { session, instanceId, publicKey, ownerSessionId: ownerSession?.sessionId ?? null, endsAtMs }
      byToken.set(hashSecret(token), held)
      bySession.set(session.sessionId, held)
      return { token, session }
    },
    find(token) {
      const held = byToken.get(hashSecret(token))
      return held !== undefined && held.endsAtMs > clock.monotonicMs() ? held.session : null
    },
    instanceOf: (sessionId) => bySession.get(sessionId)?.instanceId ?? null,
    ownerSessionOf: (sessionId) => bySession.get(sessionId)?.ownerSessionId ?? null,
    endWhere(fits) {
      const ended = new Set<string>()
      for (const [tokenHash, held] of byToken) {
        if (!fits(held)) continue
        forget(tokenHash, held)
        ended.add(held.session.sessionId)
      }
      return ended
    },
  }
}
