import type { CollectionName } from '#shared/collections/collections.ts'
import type { AppError } from '#shared/errors/appError.ts'
import { createSyncClient } from '#shared/sync/client.ts'
import type { Checkpoint, ClientChannel, WireDocument } from '#shared/sync/protocol.ts'
import { createReplicationHandlers, replicationPlan, type RxDocument } from '#shared/sync/replication.ts'
import { systemClock } from '../systemClock.ts'
import { quietLog } from './quietLog.ts'

/**
 * What a dashboard is to the protocol: a client with a copy of its peer's documents, over the same handlers. A plain map instead of RxDB,
 * of which one process may hold only 13 collections.
 */
export async function startWindow(open: () => Promise<ClientChannel>) {
  const documents = new Map<string, Map<string, WireDocument>>()
  const refused: { collection: string; document: WireDocument; error: AppError }[] = []
  const handlers = new Map<CollectionName, ReturnType<typeof createReplicationHandlers>>()
  const client = createSyncClient({
    open,
    hello: { clientKind: 'dashboard', clientVersion: '1', schemaVersions: {} },
    clock: systemClock,
    random: Math.random,
    log: quietLog,
  })
  const copyOf = (collection: CollectionName) => {
    const known = documents.get(collection) ?? new Map<string, WireDocument>()
    documents.set(collection, known)
    return known
  }
  function take(collection: CollectionName, changed: readonly RxDocument[]): void {
    for (const document of changed) {
      if (document._deleted === true) copyOf(collection).delete(document.id)
      else copyOf(collection).set(document.id, document)
    }
  }
  function follow(collection: CollectionName): void {
    const made = createReplicationHandlers({
      client,
      collection,
      onRefusal: ({ error }, document) => void refused.push({ collection, document, error }),
    })
    handlers.set(collection, made)
    let checkpoint: Checkpoint | undefined
    let queue: Promise<void> = Promise.resolve()
    const catchUp = async (): Promise<void> => {
      for (;;) {
        const page = await made.pull.handler(checkpoint, made.pull.batchSize)
        take(collection, page.documents)
        checkpoint = page.checkpoint
        if (page.documents.length < made.pull.batchSize) return
      }
    }
    const enqueue = (work: () => Promise<void> | void) => {
      queue = queue.then(work).catch(() => undefined)
    }
    made.pull.subscribe((item) => {
      if (item === 'RESYNC') return enqueue(catchUp)
      enqueue(() => {
        take(collection, item.documents)
        checkpoint = item.checkpoint
      })
    })
    enqueue(catchUp)
  }
  client.onState((state) => {
    if (state.name === 'live' && handlers.size === 0) for (const { collection } of replicationPlan(state.hello)) follow(collection)
  })
  client.start()
  return {
    ...{ client, refused },
    get: (collection: CollectionName, id: string) => copyOf(collection).get(id) ?? null,
    count: (collection: CollectionName) => copyOf(collection).size,
    /** Writes here and sends it upwards, as RxDB's replication would. */
    async edit(collection: CollectionName, ...changed: WireDocument[]): Promise<void> {
      const rows = changed.map((document) => {
        const assumed = copyOf(collection).get(document.id)
        return { newDocumentState: document, ...(assumed === undefined ? {} : { assumedMasterState: assumed }) }
      })
      take(collection, changed)
      take(collection, (await handlers.get(collection)?.push.handler(rows)) ?? [])
    },
    stop() {
      for (const one of handlers.values()) one.close()
      client.stop()
    },
  }
}
export type TestWindow = Awaited<ReturnType<typeof startWindow>>
