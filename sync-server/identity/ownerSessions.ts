import { durations } from '#shared/durations.ts'
import type { JsonObject } from '#shared/json.ts'
import type { Clock } from '#shared/log.ts'
import type { Session } from '#shared/sync/backend.ts'
import type { DocumentStore } from '../store/documentStore.ts'
import { hashSecret, newSecret } from './secrets.ts'

interface SessionDocument extends JsonObject {
  id: string
  ownerId: string
  createdAt: number
  expiresAt: number
  endedAt: number | null
}

/** Sessions of owners: 30 days, in the private database `sessions`, by the hash of their token. */
export interface OwnerSessions {
  make(ownerId: string): Promise<{ token: string; session: Session }>
  find(token: string): Promise<Session | null>
  end(sessionId: string): Promise<void>
}

export function createOwnerSessions(store: DocumentStore, clock: Clock): OwnerSessions {
  const sessionOf = ({ id, ownerId, expiresAt }: SessionDocument): Session => ({
    sessionId: id,
    ownerId,
    nodeId: null,
    isOwner: true,
    expiresAtMs: expiresAt,
  })
  return {
    async make(ownerId) {
      const token = newSecret('owner')
      const document: SessionDocument = {
        id: hashSecret(token),
        ownerId,
        createdAt: clock.now(),
        expiresAt: clock.now() + durations.ownerSessionMs,
        endedAt: null,
      }
      await store.writePrivate('sessions', [{ document, rev: null }])
      return { token, session: sessionOf(document) }
    },
    async find(token) {
      const found = await store.readPrivate<SessionDocument>('sessions', hashSecret(token))
      if (found === null || found.document.endedAt !== null || found.document.expiresAt < clock.now()) return null
      return sessionOf(found.document)
    },
    async end(sessionId) {
      await store.updatePrivate<SessionDocument>('sessions', sessionId, (current) =>
        current === null ? null : { ...current, endedAt: clock.now() },
      )
    },
  }
}
