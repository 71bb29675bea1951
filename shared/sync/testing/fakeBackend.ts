import type { CollectionName } from '../../collections/collections.ts'
import { appError } from '../../errors/appError.ts'
import { err, ok } from '../../result.ts'
import { documentVisible, mayPull, pullableCollections } from '../../rules/access.ts'
import type { Session, SyncBackend } from '../backend.ts'
import { decidePush } from '../decidePush.ts'
import { protocolVersion, type EventMessage, type PushReply, type WireDocument } from '../protocol.ts'

/** A backend in memory that keeps the rules of the protocol, for tests of what stands before it. */
export function createFakeBackend({ onPut }: { onPut?: (collection: CollectionName, document: WireDocument) => void } = {}) {
  let sequence = 0
  let epoch = 'epoch-1'
  let lastWatched: string | null = null
  const stored = new Map<string, { document: WireDocument; sequence: number }>()
  const archived = new Set<string>()
  const listeners = new Map<(event: EventMessage) => void, Session>()
  const watchedTopics: string[] = []
  const key = (collection: string, id: string) => `${collection}/${id}`

  function put(collection: CollectionName, document: WireDocument): void {
    onPut?.(collection, document)
    stored.set(key(collection, document.id), { document, sequence: ++sequence })
    for (const [emit, session] of listeners)
      if (documentVisible(session, collection, document))
        emit({ event: 'changed', collection, documents: [document], checkpoint: { sequence } })
  }

  const backend: SyncBackend = {
    hello: async (session) =>
      ok({
        protocol: protocolVersion,
        peerKind: 'gateway',
        peerVersion: '1',
        epoch,
        serverId: 'server-1',
        serverTimeMs: 5,
        ownerId: session.ownerId,
        nodeId: session.nodeId,
        isOwner: session.isOwner,
        collections: pullableCollections(session),
      }),
    pull: async (session, { collection, checkpoint, limit }) => {
      if (!mayPull(session, collection)) return err(appError('NOT_ALLOWED'))
      const since = Number(checkpoint?.['sequence'] ?? 0)
      const rows = [...stored]
        .filter(
          ([name, row]) => name.startsWith(`${collection}/`) && row.sequence > since && documentVisible(session, collection, row.document),
        )
        .map(([, row]) => row)
        .sort((a, b) => a.sequence - b.sequence)
        .slice(0, limit)
      return ok({ documents: rows.map((row) => row.document), checkpoint: { sequence: rows.at(-1)?.sequence ?? since } })
    },
    push: async (session, { collection, rows, reclaim }) => {
      const reply: PushReply = { conflicts: [], refusals: [] }
      for (const row of rows) {
        const current = stored.get(key(collection, row.document.id))?.document ?? null
        const name = collection as CollectionName
        if (archived.has(key(collection, row.document.id))) {
          const { id } = row.document
          reply.refusals.push({ id, error: appError('DOCUMENT_ARCHIVED', { id, collection }), current: null })
          continue
        }
        const decision = decidePush(session, name, row, current, { reclaim: reclaim === true, serverNowMs: 1_000_000 })
        if (decision.kind === 'conflict') reply.conflicts.push(decision.current)
        else if (decision.kind === 'refuse') reply.refusals.push(decision.refusal)
        else if (decision.kind === 'write') put(name, decision.document)
      }
      return ok(reply)
    },
    call: async (_session, name, input) => (name === 'throw' ? Promise.reject(new Error('boom')) : ok(input)),
    seriesAppend: async (_session, payload) => ok({ offset: payload.offset + payload.text.length }),
    seriesRead: async () => ok({ from: 0, text: '', size: 0 }),
    mayWatch: (_session, topic) => !topic.startsWith('secret/'),
    live: (_session, topic, value) => {
      for (const emit of listeners.keys()) emit({ event: 'live', topic, value })
      return ok(null)
    },
    subscribe(session, emit) {
      listeners.set(emit, session)
      return () => void listeners.delete(emit)
    },
    onWatch: (topic, on) => {
      lastWatched = `${topic} ${on ? 'on' : 'off'}`
      watchedTopics.push(lastWatched)
    },
    serverTimeMs: () => 5,
  }
  return {
    backend,
    put,
    emit: (event: EventMessage) => {
      for (const emit of listeners.keys()) emit(event)
    },
    get: (collection: CollectionName, id: string) => stored.get(key(collection, id))?.document,
    remove: (collection: CollectionName, id: string) => void stored.delete(key(collection, id)),
    /** Puts it away as a gateway does: nobody is told, and nobody brings it back. */
    archive(collection: CollectionName, id: string): void {
      stored.delete(key(collection, id))
      archived.add(key(collection, id))
    },
    setEpoch: (next: string) => void (epoch = next),
    count: (collection: CollectionName) => [...stored.keys()].filter((name) => name.startsWith(`${collection}/`)).length,
    subscribers: () => listeners.size,
    watchedTopics,
  }
}

export const ownerSession: Session = { sessionId: 'session-1', ownerId: 'owner-1', nodeId: null, isOwner: true, expiresAtMs: null }
export const nodeSession: Session = { sessionId: 'session-2', ownerId: 'owner-1', nodeId: 'node-1', isOwner: false, expiresAtMs: null }
