import { collections, type CollectionName } from '../collections/collections.ts'
import { AppErrorException, appError } from '../errors/appError.ts'
import { jsonEquals } from '../json.ts'
import type { Result } from '../result.ts'
import { mayPush } from '../rules/access.ts'
import type { SyncClient } from './client.ts'
import { limits, type Checkpoint, type HelloReply, type PullReply, type PushReply, type Refusal, type WireDocument } from './protocol.ts'
import { pushRows, type PushRow } from './pushRows.ts'
import { untilLive } from './untilLive.ts'

/** A document as RxDB's replication hands it out and takes it. */
export type RxDocument = WireDocument & { _deleted?: boolean }
export interface RxPushRow {
  assumedMasterState?: RxDocument | undefined
  newDocumentState: RxDocument
}
export type RxStreamItem = 'RESYNC' | { documents: RxDocument[]; checkpoint: Checkpoint }

export interface ReplicationOptions {
  client: SyncClient
  collection: CollectionName
  /** Stores the refused version durably with its reason. When it rejects, the push is tried again. */
  onRefusal: (refusal: Refusal, document: WireDocument) => Promise<void> | void
  /** Which documents this client writes; others in the same collection came from the peer and are never pushed. Default: all. */
  isMine?: (document: WireDocument) => boolean
  /** True while what this client owns is pushed again after an epoch change. */
  reclaim?: () => boolean
  /** Pull what a dashboard holds instead of everything, see windows.ts. */
  window?: boolean
  /** Versions that were sent and never answered; give the same map again when handlers are made anew for the collection. */
  unanswered?: Map<string, WireDocument[]>
}

export interface ReplicationHandlers {
  pull: {
    batchSize: number
    handler: (checkpoint: Checkpoint | undefined, limit: number) => Promise<{ documents: RxDocument[]; checkpoint: Checkpoint | undefined }>
    /** What RxDB calls `stream$`; the caller wraps it in a Subject. Returns its own unsubscribe. */
    subscribe: (listener: (item: RxStreamItem) => void) => () => void
  }
  /** Leave it out where `replicationPlan` says that this session may not write the collection. */
  push: {
    batchSize: number
    handler: (rows: RxPushRow[]) => Promise<RxDocument[]>
  }
  /** Ends waiting handlers; they reject. */
  close: () => void
}

/**
 * Handlers for RxDB's `replicateRxCollection` over a sync client. Use RxDB's default conflict handler with every collection: conflicts are
 * settled while pushing (see pushRows.ts) and come back as what RxDB must take over. A handler waits for the live connection
 * instead of failing; it rejects (and RxDB tries again) only for errors the peer answers.
 */
export function createReplicationHandlers({
  client,
  collection,
  onRefusal,
  isMine,
  reclaim,
  window = false,
  unanswered = new Map(),
}: ReplicationOptions): ReplicationHandlers {
  const closing = new Set<() => void>()
  const listeners = new Set<(item: RxStreamItem) => void>()
  let closed = false

  /** Sends until there is an answer; a lost connection is waited out. */
  async function request<Reply>(send: () => Promise<Result<Reply>>): Promise<Reply> {
    for (;;) {
      if (closed) throw new AppErrorException(appError('CANCELLED'))
      await untilLive(client, closing)
      const result = await send()
      if (result.ok) return result.value
      if (result.error.code !== 'SERVER_UNREACHABLE' || client.state().name === 'live') throw new AppErrorException(result.error)
    }
  }

  async function pull(checkpoint: Checkpoint | undefined, limit: number) {
    const documents: RxDocument[] = []
    let last = checkpoint ?? null
    let reply: PullReply
    do {
      const from = last
      const want = Math.min(limits.batchRows, limit - documents.length)
      reply = await request(() => client.pull({ collection, checkpoint: from, limit: want, ...(window ? { window } : {}) }))
      // RxDB takes a short page as the end, so a page that the peer cut short is filled up.
      for (const document of reply.documents) documents.push(document)
      last = reply.checkpoint ?? last
    } while (reply.more === true && documents.length < limit)
    return { documents, checkpoint: last ?? undefined }
  }

  async function push(rows: RxPushRow[]): Promise<RxDocument[]> {
    const send = (batch: PushRow[]): Promise<PushReply> =>
      request(() => client.push({ collection, rows: batch, ...(reclaim?.() === true ? { reclaim: true } : {}) }))
    const { takeOver, refused, hasMerged } = await pushRows(collection, rows.flatMap(toPush), send, unanswered)
    for (const { refusal, document } of refused) await onRefusal(refusal, document)
    // The peer's change that ours was merged with may still be on its way to RxDB, which would put it over the merged version; and a peer does
    // not tell a client of its own writes. Behind it comes what stands now.
    if (hasMerged) for (const listener of listeners) listener('RESYNC')
    return takeOver
  }

  /**
   * Nothing to send for: local removals (documents are deleted softly; removing is forgetting them here), what others write,
   * and what RxDB sends back after it took over the peer's version.
   */
  function toPush(row: RxPushRow): PushRow[] {
    if (row.newDocumentState._deleted === true) return []
    const document = withoutDeleted(row.newDocumentState)
    if (isMine !== undefined && !isMine(document)) return []
    const assumed =
      row.assumedMasterState === undefined || row.assumedMasterState._deleted === true ? null : withoutDeleted(row.assumedMasterState)
    if (assumed !== null && jsonEquals(assumed, document)) return []
    return [{ assumed, document }]
  }

  return {
    pull: {
      batchSize: limits.batchRows,
      handler: pull,
      subscribe(listener) {
        listeners.add(listener)
        const offState = client.onState((state) => {
          if (state.name === 'live') listener('RESYNC')
        })
        const offEvent = client.onEvent((event) => {
          if (event.event === 'resync' && (event.collection === null || event.collection === collection)) listener('RESYNC')
          else if (event.event === 'changed' && event.collection === collection) {
            if (event.checkpoint === null) listener('RESYNC')
            else listener({ documents: event.documents, checkpoint: event.checkpoint })
          }
        })
        return () => {
          listeners.delete(listener)
          offState()
          offEvent()
        }
      },
    },
    push: { batchSize: limits.batchRows, handler: push },
    close() {
      closed = true
      for (const end of [...closing]) end()
    },
  }
}

/**
 * Names a replication: another server, another epoch or another view of the data begins from the start.
 * @param era changes when the local order of changes is not to be trusted any more (the computer's clock was set back)
 */
export function replicationIdentifier(hello: HelloReply, era = 0): string {
  const view = `${hello.ownerId}/${hello.nodeId ?? '-'}/${hello.isOwner ? 'owner' : 'node'}`
  return `${hello.serverId}/${hello.epoch}/${view}/${era}`
}

/** Which collections to replicate with this peer, and whether to push them. */
export function replicationPlan(hello: HelloReply): { collection: CollectionName; push: boolean }[] {
  return (Object.keys(collections) as CollectionName[])
    .filter((collection) => hello.collections.includes(collection))
    .map((collection) => ({ collection, push: mayPush(hello, collection) }))
}

function withoutDeleted(document: RxDocument): WireDocument {
  const { _deleted, ...rest } = document
  return rest
}
