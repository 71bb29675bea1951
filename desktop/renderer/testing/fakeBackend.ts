import type { CollectionName } from '#shared/collections/collections.ts'
import { appError } from '#shared/errors/appError.ts'
import { jsonEquals, type JsonObject, type JsonValue } from '#shared/json.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { pullableCollections } from '#shared/rules/access.ts'
import type { SyncBackend } from '#shared/sync/backend.ts'
import { protocolVersion, type EventMessage, type WireDocument } from '#shared/sync/protocol.ts'
import { ownerId, type Seed } from './seedTypes.ts'

export interface FakeBackend {
  backend: SyncBackend
  put(collection: CollectionName, document: WireDocument): void
  get(collection: CollectionName, id: string): WireDocument | undefined
  all: (collection: CollectionName) => WireDocument[]
  emit(event: EventMessage): void
  /** The server is put back from a backup: it holds these documents, and says so by a new epoch. */
  restore(backup: Seed): void
  watched: Set<string>
}

export interface FakeOptions {
  peerKind: 'runtime' | 'gateway'
  nodeId: string | null
  /** Another server has another database in the same browser; default: server-1. */
  serverId?: string
  call(name: string, input: JsonValue): Promise<Result<JsonValue>>
  series(name: string): string
}

/** A peer's backend in the page's memory: keeps what is pushed and tells everybody. */
export function createFakeBackend(seed: Seed, options: FakeOptions): FakeBackend {
  const stored = new Map<string, Map<string, { document: WireDocument; sequence: number }>>()
  const listeners = new Set<(event: EventMessage) => void>()
  const watched = new Set<string>()
  let sequence = 0
  const of = (collection: string) => {
    let rows = stored.get(collection)
    if (!rows) {
      rows = new Map<string, { document: WireDocument; sequence: number }>()
      stored.set(collection, rows)
    }
    return rows
  }
  let epoch = 1
  function hold(documentsOf: Seed): void {
    stored.clear()
    for (const [collection, documents] of Object.entries(documentsOf))
      // Seeds are typed by the schemas; on the wire they are plain JSON.
      for (const document of documents as unknown as WireDocument[]) of(collection).set(document.id, { document, sequence: ++sequence })
  }
  hold(seed)

  function put(collection: CollectionName, document: WireDocument): void {
    of(collection).delete(document.id)
    of(collection).set(document.id, { document, sequence: ++sequence })
    for (const emit of listeners) emit({ event: 'changed', collection, documents: [document], checkpoint: { sequence } })
  }

  const backend: SyncBackend = {
    hello: async (session) =>
      ok({
        protocol: protocolVersion,
        peerKind: options.peerKind,
        peerVersion: '0.1.0',
        epoch: `epoch-${epoch}`,
        serverId: options.serverId ?? 'server-1',
        serverTimeMs: Date.now(),
        ownerId,
        nodeId: options.nodeId,
        isOwner: true,
        collections: pullableCollections(session),
      }),
    pull: async (_session, { collection, checkpoint, limit }) => {
      const since = Number(checkpoint?.['sequence'] ?? 0)
      const documents: WireDocument[] = []
      let last = since
      // Rows stand in the order of their sequence: a changed one moves to the end.
      for (const row of of(collection).values()) {
        if (row.sequence <= since) continue
        documents.push(row.document)
        last = row.sequence
        if (documents.length >= limit) break
      }
      return ok({ documents, checkpoint: { sequence: last } })
    },
    push: async (_session, { collection, rows }) => {
      const conflicts: WireDocument[] = []
      for (const row of rows) {
        const current = of(collection).get(row.document.id)?.document
        if (current && !jsonEquals(current, row.assumed)) conflicts.push(current)
        else put(collection as CollectionName, row.document as WireDocument)
      }
      return ok({ conflicts, refusals: [] })
    },
    call: (_session, name, input) => options.call(name, input),
    seriesAppend: async () => err(appError('NOT_ALLOWED')),
    seriesRead: async (_session, { series, from, limitBytes }) => {
      const text = options.series(series)
      const start = from < 0 ? Math.max(0, text.length + from) : from
      return ok({ from: start, text: text.slice(start, start + limitBytes), size: text.length })
    },
    mayWatch: () => true,
    live: () => ok(null),
    subscribe(_session, emit) {
      listeners.add(emit)
      return () => void listeners.delete(emit)
    },
    onWatch: (topic, on) => void (on ? watched.add(topic) : watched.delete(topic)),
    serverTimeMs: () => Date.now(),
  }
  return {
    backend,
    put,
    get: (collection, id) => of(collection).get(id)?.document,
    all: (collection) => [...of(collection).values()].map(({ document }) => document),
    emit: (event) => {
      for (const emit of listeners) emit(event)
    },
    restore(backup) {
      epoch += 1
      hold(backup)
    },
    watched,
  }
}

export const asJson = (value: object): JsonObject => value as JsonObject
