import { durations } from '#shared/durations.ts'
import type { AccountSession } from '#shared/api/gatewayCalls.ts'
import type { JsonObject } from '#shared/json.ts'
import type { Clock, Logger } from '#shared/log.ts'
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

/** Who signs in, for the owner to recognise it later: the program's own word and the address it came from. */
export interface SignInFrom {
  address: string
  program: string
}

/** Sessions of owners: 30 days, in the private database `sessions`, by the hash of their token. */
export interface OwnerSessions {
  make(ownerId: string, from: SignInFrom): Promise<{ token: string; session: Session }>
  find(token: string): Promise<Session | null>
  end(sessionId: string): Promise<void>
  /** Those of an owner that can still be used, newest use first. Looks through all sessions: it is asked for by a person, not by a program. */
  list(ownerId: string, currentId: string | null): Promise<AccountSession[]>
}

const longestProgram = 300
const longestAddress = 100

export function createOwnerSessions(store: DocumentStore, clock: Clock, log: Logger): OwnerSessions {
  const sessionOf = ({ id, ownerId, expiresAt }: SessionDocument): Session => ({
    sessionId: id,
    ownerId,
    nodeId: null,
    isOwner: true,
    expiresAtMs: expiresAt,
  })
  const usedAt = (document: SessionDocument): number => Number(document['lastUsedAt'] ?? document.createdAt)
  const isUsable = ({ endedAt, expiresAt }: SessionDocument): boolean => endedAt === null && expiresAt >= clock.now()

  function noteUse(document: SessionDocument): void {
    if (clock.now() - usedAt(document) < durations.sessionUseNotedMs) return
    store
      .updatePrivate<SessionDocument>('sessions', document.id, (current) =>
        current === null || current.endedAt !== null ? null : { ...current, lastUsedAt: clock.now() },
      )
      .catch((thrown: unknown) => log.warn('the use of a session could not be noted', { reason: String(thrown) }))
  }

  return {
    async make(ownerId, { address, program }) {
      const token = newSecret('owner')
      const document: SessionDocument = {
        id: hashSecret(token),
        ownerId,
        createdAt: clock.now(),
        lastUsedAt: clock.now(),
        expiresAt: clock.now() + durations.ownerSessionMs,
        endedAt: null,
        program: program.slice(0, longestProgram),
        address: address.slice(0, longestAddress),
      }
      await store.writePrivate('sessions', [{ document, rev: null }])
      return { token, session: sessionOf(document) }
    },
    async find(token) {
      const found = await store.readPrivate<SessionDocument>('sessions', hashSecret(token))
      if (found === null || !isUsable(found.document)) return null
      noteUse(found.document)
      return sessionOf(found.document)
    },
    async end(sessionId) {
      await store.updatePrivate<SessionDocument>('sessions', sessionId, (current) =>
        current === null ? null : { ...current, endedAt: clock.now() },
      )
    },
    async list(ownerId, currentId) {
      const own: AccountSession[] = []
      await store.scanPrivate<SessionDocument>('sessions', (page) => {
        for (const { document } of page) if (document.ownerId === ownerId && isUsable(document)) own.push(shown(document, currentId))
      })
      return own.sort((a, b) => b.lastUsedAt - a.lastUsedAt)
    },
  }

  function shown(document: SessionDocument, currentId: string | null): AccountSession {
    const text = (field: string): string => (typeof document[field] === 'string' ? document[field] : '')
    return {
      ...{ sessionId: document.id, createdAt: document.createdAt, lastUsedAt: usedAt(document), expiresAt: document.expiresAt },
      ...{ program: text('program'), address: text('address'), current: document.id === currentId },
    }
  }
}
