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
  /** Documents are being sent. Returns what is called when the peer has answered. */
  onSending: (collection: CollectionName, ids: readonly string[]) => () => void
}

/** What the list of workers is made of comes before everything else. */
const fleetCollections: readonly CollectionName[] = ['profile', 'workers', 'nodes', 'presence']
/** What the overview begins with comes before the rest of the fleet. */
const overviewCollections: readonly CollectionName[] = ['rollups', 'jobs']
/**
 * The first page of these is small, so that there is something to see at once; the rest follows in large ones. The owner's own days stand first
 * in their window: a page that ends before the newest would show too little.
 */
const firstRows: { readonly [Name in CollectionName]?: number } = {
  ...{ profile: 200, workers: 200, nodes: 200, presence: 200 },
  ...{ rollups: 1_000, jobs: 50 },
}
/** The others wait for the first ones, but not for ever: a collection may be slow for reasons of its own. */
const patienceMs = 4_000

/** Replicates every collection the peer offers. A dashboard sends only what its owner writes. Returns what stops it. */
export function startReplications(options: ReplicationsOptions): () => Promise<void> {
  const plan = replicationPlan(options.hello)
  const offered = (names: readonly CollectionName[]): CollectionName[] => names.filter((name) => options.hello.collections.includes(name))
  const [fleetBegun, overviewBegun, fleetHere] = [
    createGate(offered(fleetCollections)),
    createGate(offered(overviewCollections)),
    createGate(offered(fleetCollections)),
  ]
  const timer = setTimeout(() => [fleetBegun, overviewBegun, fleetHere].forEach((gate) => gate.open()), patienceMs)
  const stops: (() => Promise<void>)[] = []
  let isStopped = false
  for (const entry of plan) {
    const start = (steps: Steps): void => void (isStopped || stops.push(startOne(options, entry, steps)))
    if (fleetCollections.includes(entry.collection))
      start({ goOn: overviewBegun.opened, onPage: fleetBegun.pass, onCaughtUp: fleetHere.pass })
    else if (overviewCollections.includes(entry.collection))
      void fleetBegun.opened.then(() => start({ goOn: fleetHere.opened, onPage: overviewBegun.pass }))
    else void fleetHere.opened.then(() => start({}))
  }
  return async () => {
    isStopped = true
    clearTimeout(timer)
    await Promise.all(stops.map((stop) => stop()))
  }
}

/** How a collection keeps its turn among the others. */
interface Steps {
  /** After its first small page it waits for this. */
  goOn?: Promise<void>
  /** A page of it came. */
  onPage?: (collection: CollectionName) => void
  /** The last page of it came. */
  onCaughtUp?: (collection: CollectionName) => void
}

/** Opens when all have passed. */
function createGate(names: readonly CollectionName[]) {
  const expected = new Set(names)
  const { promise: opened, resolve: open } = Promise.withResolvers<void>()
  if (expected.size === 0) open()
  return {
    opened,
    open,
    pass: (name: CollectionName): void => void (expected.delete(name) && expected.size === 0 && open()),
  }
}

/** Writing a page takes milliseconds; sending what is edited here, which the same sign stands for, may take longer. */
const writtenWithinMs = 2_000
/** A burst on a slow computer, and with it whatever is pulled or sent meanwhile. */
const takenWithinMs = 30_000
const isWritten = (state: RxReplicationState<unknown, unknown>, withinMs: number): Promise<unknown> =>
  firstValueFrom(merge(state.active$.pipe(filter((isActive) => !isActive)), timer(withinMs)))

function startOne(
  { client, database, hello, window, isHidden, onPulled, onRefusal, onSending }: ReplicationsOptions,
  { collection, push }: { collection: CollectionName; push: boolean },
  { goOn = Promise.resolve(), onPage, onCaughtUp }: Steps,
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
  async function send(rows: RxPushRow[]): Promise<WireDocument[]> {
    const answered = onSending(
      collection,
      rows.map(({ newDocumentState }) => newDocumentState.id),
    )
    const takeOver = await handlers.push.handler(rows)
    answered()
    return takeOver
  }
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
        const few = checkpoint === undefined ? firstRows[collection] : undefined
        const wanted = few ?? limit
        const reply = await handlers.pull.handler(checkpoint, wanted)
        const isOver = reply.documents.length < wanted
        const count = reply.documents.length
        // What came last is written only after this answer: whoever is told before finds nothing and says that there is nothing.
        onPulled(collection, count, isOver && count === 0)
        if (isOver && count > 0) void isWritten(state, writtenWithinMs).then(() => onPulled(collection, 0, true))
        onPage?.(collection)
        if (isOver) onCaughtUp?.(collection)
        // RxDB takes a page that is not full as the last one.
        else if (few !== undefined) void goOn.then(() => stream.next('RESYNC'))
        return reply as never
      },
    },
    ...(sends
      ? {
          push: { batchSize: handlers.push.batchSize, handler: (rows: unknown[]) => send(rows as RxPushRow[]) as never },
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
