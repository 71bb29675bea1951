import { durations } from '#shared/durations.ts'
import { appError } from '#shared/errors/appError.ts'
import type { JsonObject } from '#shared/json.ts'
import type { Clock } from '#shared/log.ts'
import { err, ok, type Result } from '#shared/result.ts'
import type { DocumentStore } from '../store/documentStore.ts'
import { hashSecret, newSecret } from './secrets.ts'

interface Link extends JsonObject {
  id: string
  kind: 'link'
  ownerId: string
  expiresAt: number
  usedAt: number | null
}

/** One-time sign-in secrets (15 min), kept hashed. */
export interface Links {
  make(ownerId: string): Promise<{ secret: string; expiresAt: number }>
  /** The owner it was for. Error: LINK_USED_OR_EXPIRED. */
  use(secret: string): Promise<Result<string>>
}

export function createLinks(store: DocumentStore, clock: Clock): Links {
  return {
    async make(ownerId) {
      const secret = newSecret('link')
      const expiresAt = clock.now() + durations.oneTimeLinkMs
      const link: Link = { id: linkId(secret), kind: 'link', ownerId, expiresAt, usedAt: null }
      await store.writePrivate('tokens', [{ document: link, rev: null }])
      return { secret, expiresAt }
    },
    async use(secret) {
      const refused = err(appError('LINK_USED_OR_EXPIRED'))
      const found = await store.readPrivate<Link>('tokens', linkId(secret))
      if (found === null || found.document.usedAt !== null || found.document.expiresAt < clock.now()) return refused
      // The swap decides between two who come at the same moment.
      const [swapped] = await store.writePrivate<Link>('tokens', [{ document: { ...found.document, usedAt: clock.now() }, rev: found.rev }])
      return swapped?.written === true ? ok(found.document.ownerId) : refused
    },
  }
}

const linkId = (secret: string) => `link.${hashSecret(secret)}`
