import { durations } from '#shared/durations.ts'
import type { DocumentStore, PrivateDatabase, PrivateDocument } from '../store/documentStore.ts'

/** What sessions, links and enrolment tokens have in common. */
type Expiring = PrivateDocument & { kind?: string; expiresAt: number; endedAt?: number | null }

const swept: readonly PrivateDatabase[] = ['sessions', 'tokens']

/**
 * Takes sessions, links and enrolment tokens away that nobody can use any more. Ended sessions are kept a while, because other gateways learn
 * from them that they ended; enrolment tokens too, because a node whose answer was lost comes again with the one it used.
 * @returns how many went
 */
export async function sweepPrivate(store: DocumentStore, nowMs: number): Promise<number> {
  let removed = 0
  for (const database of swept) {
    const over: { id: string; rev: string }[] = []
    await store.scanPrivate<Expiring>(database, (page) => {
      for (const { document, rev } of page) if (isOver(document, nowMs)) over.push({ id: document.id, rev })
    })
    removed += await store.removePrivate(database, over)
  }
  return removed
}

function isOver({ kind, expiresAt, endedAt }: Expiring, nowMs: number): boolean {
  if (endedAt != null && endedAt + durations.endedKeptMs < nowMs) return true
  return expiresAt + (kind === 'enrolment' ? durations.endedKeptMs : 0) < nowMs
}
