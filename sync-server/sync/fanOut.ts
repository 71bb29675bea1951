import type { CollectionName } from '#shared/collections/collections.ts'
import { mayPull, documentVisible } from '#shared/rules/access.ts'
import type { Session } from '#shared/sync/backend.ts'
import type { EventMessage, WireDocument } from '#shared/sync/protocol.ts'
import type { Applied, ProjectionStore } from '../projection/projection.ts'
import { toCheckpoint } from './checkpoint.ts'

interface Subscriber {
  session: Session
  emit: (event: EventMessage) => void
}

/**
 * Tells every session of what changed in its scope, in the order of the change log, each change with its checkpoint. A session that sent the
 * document exactly as it stands is not told.
 */
export function createFanOut(projection: ProjectionStore, epoch: string) {
  const byOwner = new Map<string, Set<Subscriber>>()

  const stop = projection.onApplied((applied) => {
    const [first] = applied
    const last = applied.at(-1)
    if (first === undefined || last === undefined || first.database.key.ownerId === null) return
    const { ownerId, collection } = first.database.key
    const subscribers = byOwner.get(ownerId)
    if (subscribers === undefined) return
    if (first.rebuilt) {
      for (const { session, emit } of subscribers) if (mayPull(session, collection)) emit({ event: 'resync', collection })
      return
    }
    const checkpoint = toCheckpoint({ epoch, seq: projection.seqAt(first.database, last.ordinal), log: projection.logId, at: last.ordinal })
    const documents = applied.map(wireDocument)
    for (const { session, emit } of subscribers) {
      const visible = documents.filter((document, index) => sees(session, collection, document) && applied[index]?.origin !== session)
      if (visible.length > 0) emit({ event: 'changed', collection, documents: visible, checkpoint })
    }
  })

  return {
    /** Returns its own unsubscribe. */
    subscribe(session: Session, emit: (event: EventMessage) => void): () => void {
      const subscriber = { session, emit }
      const held = byOwner.get(session.ownerId) ?? new Set()
      byOwner.set(session.ownerId, held.add(subscriber))
      return () => {
        held.delete(subscriber)
        if (held.size === 0 && byOwner.get(session.ownerId) === held) byOwner.delete(session.ownerId)
      }
    },
    stop,
  }
}

const wireDocument = ({ change }: Applied): WireDocument => change.document ?? (JSON.parse(change.body) as WireDocument)

function sees(session: Session, collection: CollectionName, document: WireDocument): boolean {
  return mayPull(session, collection) && documentVisible(session, collection, document)
}
