import { replicateRxCollection, type RxReplicationState } from 'rxdb/plugins/replication'
import { filter, firstValueFrom, merge, Subject, timer } from 'rxjs'
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
import { createCalmStream } from './calmStream.ts'
import type { Database } from './database.ts'

export interface ReplicationsOptions {
  client: SyncClient
  database: Database
  hello: HelloReply
  /** Hold what a dashboard holds instead of everything; for a peer that keeps a whole farm. */
  window: boolean
  /** Whether nobody sees the page. */
  isHidden: () => boolean
  /** A page of documents came; `caughtUp` when all that there are for the moment stand in the page's own database. */
  onPulled: (collection: CollectionName, count: number, caughtUp: boolean) => void
  onRefusal: (refusal: Refusal, collection: CollectionName) => void
}

/** What the list of workers is made of comes before everything else. */
const firstCollections: readonly CollectionName[] = ['profile', 'workers', 'nodes', 'presence']
/** The first page of those is small, so that there is something to see at once; the rest follows in large ones. */
const firstRows = 200
/** When something of the list is here, what the overview begins with: a few documents for a first page that says what was earned. */
const nextCollections: readonly CollectionName[] = ['rollups', 'jobs']
/** The others wait for the first ones, but not for ever: a collection may be slow for reasons of its own. */
const patienceMs = 4_000

/** Replicates every collection the peer offers. A dashboard sends only what its owner writes. Returns what stops it. */
export function startReplications(options: ReplicationsOptions): () => Promise<void> {
  const stops: (() => Promise<void>)[] = []
  const plan = replicationPlan(options.hello)
  const of = (names: readonly CollectionName[]): typeof plan => plan.filter(({ collection }) => names.includes(collection))
  const begin = (entries: typeof plan, signs: Signs): void => {
    for (const entry of entries.splice(0)) stops.push(startOne(options, entry, signs))
  }
  const next = of(nextCollections)
  const later = plan.filter(({ collection }) => !firstCollections.includes(collection) && !nextCollections.includes(collection))
  const startLater = (): void => {
    clearTimeout(timer)
    begin(next, noSigns)
    begin(later, noSigns)
  }
  const timer = setTimeout(startLater, patienceMs)
  const first = of(firstCollections)
  const began = new Set(first.map(({ collection }) => collection))
  const waiting = new Set(began)
  if (waiting.size === 0) startLater()
  begin(first, {
    onPage(collection) {
      if (began.delete(collection) && began.size === 0) begin(next, noSigns)
    },
    onCaughtUp(collection) {
      if (waiting.delete(collection) && waiting.size === 0) startLater()
    },
  })
  return async () => {
    clearTimeout(timer)
    next.length = 0
    later.length = 0
    await Promise.all(stops.map((stop) => stop()))
  }
}

/** What a collection that is pulled tells of itself. */
interface Signs {
  /** A page of it came. */
  onPage: (collection: CollectionName) => void
  /** The last page of it came. */
  onCaughtUp: (collection: CollectionName) => void
}
const noSigns: Signs = { onPage: () => undefined, onCaughtUp: () => undefined }

/** Writing a page takes milliseconds; sending what is edited here, which the same sign stands for, may take longer. */
const writtenWithinMs = 2_000
/** A burst on a slow computer, and with it whatever is pulled or sent meanwhile. */
const takenWithinMs = 30_000
const isWritten = (state: RxReplicationState<unknown, unknown>, withinMs: number): Promise<unknown> =>
  firstValueFrom(merge(state.active$.pipe(filter((isActive) => !isActive)), timer(withinMs)))

function startOne(
  { client, database, hello, window, isHidden, onPulled, onRefusal }: ReplicationsOptions,
  { collection, push }: { collection: CollectionName; push: boolean },
  signs: Signs,
): () => Promise<void> {
  const handlers = createReplicationHandlers({ client, collection, window, onRefusal: (refusal) => onRefusal(refusal, collection) })
  const stream = new Subject<RxStreamItem>()
  const calm = createCalmStream(async (item) => {
    stream.next(item)
    // RxDB says in a later turn that it has begun.
    await firstValueFrom(timer(0))
    await isWritten(state, takenWithinMs)
  }, isHidden)
  const unsubscribe = handlers.pull.subscribe(calm.add)
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
        const isFirst = checkpoint === undefined && firstCollections.includes(collection)
        const wanted = isFirst ? firstRows : limit
        const reply = await handlers.pull.handler(checkpoint, wanted)
        const isOver = reply.documents.length < wanted
        const count = reply.documents.length
        // What came last is written only after this answer: whoever is told before finds nothing and says that there is nothing.
        onPulled(collection, count, isOver && count === 0)
        if (isOver && count > 0) void isWritten(state, writtenWithinMs).then(() => onPulled(collection, 0, true))
        signs.onPage(collection)
        if (isOver) signs.onCaughtUp(collection)
        // RxDB takes a page that is not full as the last one.
        else if (isFirst) stream.next('RESYNC')
        return reply as never
      },
    },
    ...(sends
      ? {
          push: { batchSize: handlers.push.batchSize, handler: (rows: unknown[]) => handlers.push.handler(rows as RxPushRow[]) as never },
        }
      : {}),
  }) as unknown as RxReplicationState<unknown, unknown>
  return async () => {
    unsubscribe()
    calm.stop()
    handlers.close()
    await state.cancel()
  }
}
