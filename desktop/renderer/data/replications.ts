import { replicateRxCollection, type RxReplicationState } from 'rxdb/plugins/replication'
import { Subject } from 'rxjs'
import { collections as definitions, type CollectionName } from '#shared/collections/collections.ts'
import { durations } from '#shared/durations.ts'
import type { SyncClient } from '#shared/sync/client.ts'
import type { Checkpoint, HelloReply, Refusal, WireDocument } from '#shared/sync/protocol.ts'
import {
  createReplicationHandlers,
  replicationIdentifier,
  replicationPlan,
  type RxPushRow,
  type RxStreamItem,
} from '#shared/sync/replication.ts'
import type { Database } from './database.ts'

export interface ReplicationsOptions {
  client: SyncClient
  database: Database
  hello: HelloReply
  /** A page of documents came; `caughtUp` when it was the last for the moment. */
  onPulled: (collection: CollectionName, count: number, caughtUp: boolean) => void
  onRefusal: (refusal: Refusal, collection: CollectionName) => void
}

/** Replicates every collection the peer offers. A dashboard sends only what its owner writes. Returns what stops it. */
export function startReplications({ client, database, hello, onPulled, onRefusal }: ReplicationsOptions): () => Promise<void> {
  const stops: (() => Promise<void>)[] = []
  for (const { collection, push } of replicationPlan(hello)) {
    const handlers = createReplicationHandlers({ client, collection, onRefusal: (refusal) => onRefusal(refusal, collection) })
    const stream = new Subject<RxStreamItem>()
    const unsubscribe = handlers.pull.subscribe((item) => stream.next(item))
    const sends = push && definitions[collection].writer === 'owner'
    const state = replicateRxCollection<WireDocument, Checkpoint>({
      // The wire's documents are the collection's documents: both are read by the same schema.
      collection: database.collections[collection],
      replicationIdentifier: `${replicationIdentifier(hello)}/${collection}`,
      live: true,
      retryTime: durations.replicationRetryMs,
      waitForLeadership: false,
      pull: {
        batchSize: handlers.pull.batchSize,
        stream$: stream as never,
        handler: async (checkpoint, limit) => {
          const reply = await handlers.pull.handler(checkpoint, limit)
          onPulled(collection, reply.documents.length, reply.documents.length < limit)
          return reply as never
        },
      },
      ...(sends
        ? {
            push: { batchSize: handlers.push.batchSize, handler: (rows: unknown[]) => handlers.push.handler(rows as RxPushRow[]) as never },
          }
        : {}),
    }) as unknown as RxReplicationState<unknown, unknown>
    stops.push(async () => {
      unsubscribe()
      handlers.close()
      await state.cancel()
    })
  }
  return async () => {
    await Promise.all(stops.map((stop) => stop()))
  }
}
