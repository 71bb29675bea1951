import { replicateRxCollection, type RxReplicationState } from 'rxdb/plugins/replication'
import type { ReplicationPullOptions, ReplicationPushOptions, RxCollection } from 'rxdb'
import { Subject } from 'rxjs'
import { durations } from '#shared/durations.ts'
import type { Logger } from '#shared/log.ts'
import type { Checkpoint, WireDocument } from '#shared/sync/protocol.ts'
import { createReplicationHandlers, type ReplicationOptions, type RxStreamItem } from '#shared/sync/replication.ts'

export interface ReplicateOptions extends ReplicationOptions {
  rxCollection: RxCollection<WireDocument>
  /** See `replicationIdentifier`. */
  identifier: string
  push: boolean
  /**
   * The identifier is new although documents are here (the server was restored, the view grew): what is here goes out before the pull,
   * which would otherwise leave documents of others as they are, and bring older versions over what is about to be sent.
   */
  pushFirst: boolean
  /** Hears of what the peer has while the first pull goes on; `fromStart` false: the pull continues an earlier one, so that is not all. */
  onPulled?: (documents: readonly WireDocument[], fromStart: boolean) => void
  log: Logger
}

export interface CollectionReplication {
  /** True when everything that was here went out and the first pull is in; false when stopped before. */
  firstSync: Promise<boolean>
  /** Documents are on their way in or out, or wait for it. */
  isActive: () => boolean
  onActive: (listener: (active: boolean) => void) => () => void
  /** Ends at once; what was under way is done again by the next replication of the same identifier. */
  stop: () => Promise<void>
}

type State = RxReplicationState<WireDocument, Checkpoint>

/** Replicates one collection with the peer while the connection lasts. */
export function replicateCollection(options: ReplicateOptions): CollectionReplication {
  const { rxCollection, identifier, log } = options
  const handlers = createReplicationHandlers(options)
  const stream = new Subject<RxStreamItem>()
  const unsubscribe = handlers.pull.subscribe((item) => {
    if (item !== 'RESYNC') options.onPulled?.(item.documents, true)
    stream.next(item)
  })
  const states = new Set<State>()
  const activeListeners = new Set<(active: boolean) => void>()
  let active = true
  let stopped = false
  let tellStopped: (value: false) => void = () => undefined
  const whenStopped = new Promise<false>((resolve) => (tellStopped = resolve))

  // Safe casts: RxDB types `_deleted` as always there, and makes sure of it itself in what handlers return.
  const push = { batchSize: handlers.push.batchSize, handler: handlers.push.handler } as unknown as ReplicationPushOptions<WireDocument>
  let isFirstPull = true
  const pull = {
    batchSize: handlers.pull.batchSize,
    handler: async (checkpoint: Checkpoint | undefined, limit: number) => {
      if (isFirstPull && checkpoint !== undefined) options.onPulled?.([], false)
      isFirstPull = false
      const page = await handlers.pull.handler(checkpoint, limit)
      options.onPulled?.(page.documents, true)
      return page
    },
    stream$: stream.asObservable(),
  } as unknown as ReplicationPullOptions<WireDocument, Checkpoint>

  function begin(directions: Partial<ReplicationOptionsOf>): State {
    const state = replicateRxCollection<WireDocument, Checkpoint>({
      ...directions,
      replicationIdentifier: identifier,
      collection: rxCollection,
      // `live: false` cannot be cancelled while a handler waits, so one round is a live replication that is stopped after its first sync.
      live: true,
      retryTime: durations.replicationRetryMs,
      waitForLeadership: false,
    })
    states.add(state)
    state.error$.subscribe((error) => {
      if (!stopped) log.warn('replication', { collection: options.collection, code: error.code, reason: reasonOf(error) })
    })
    return state
  }
  async function run(): Promise<boolean> {
    if (options.push && options.pushFirst) {
      const first = begin({ push })
      if ((await Promise.race([first.awaitInitialReplication(), whenStopped])) === false) return false
      states.delete(first)
      await first.cancel()
    }
    if (stopped) return false
    const live = begin({ pull, ...(options.push ? { push } : {}) })
    live.active$.subscribe((now) => {
      active = now
      for (const listener of activeListeners) listener(now)
    })
    return (await Promise.race([live.awaitInitialReplication(), whenStopped])) !== false
  }
  const firstSync = run().catch((thrown: unknown) => {
    log.error('replication could not start', { collection: options.collection, reason: String(thrown) })
    return false
  })
  return {
    firstSync,
    isActive: () => active,
    onActive(listener) {
      activeListeners.add(listener)
      return () => void activeListeners.delete(listener)
    },
    async stop() {
      stopped = true
      unsubscribe()
      handlers.close()
      tellStopped(false)
      await Promise.all([...states].map((state) => state.cancel()))
      await firstSync
    },
  }
}

interface ReplicationOptionsOf {
  pull: ReplicationPullOptions<WireDocument, Checkpoint>
  push: ReplicationPushOptions<WireDocument>
}

function reasonOf(error: Error & { parameters?: { errors?: { message?: string }[] } }): string {
  return error.parameters?.errors?.[0]?.message ?? error.message.slice(0, 300)
}
