import { collections, type CollectionName } from '#shared/collections/collections.ts'
import type { Logger } from '#shared/log.ts'
import { isOver } from '#shared/rules/retention.ts'
import type { SyncClient } from '#shared/sync/client.ts'
import type { HelloReply, WireDocument } from '#shared/sync/protocol.ts'
import { replicationIdentifier, replicationPlan } from '#shared/sync/replication.ts'
import type { RxCollection } from 'rxdb'
import type { LocalDatabase } from '../database/localDatabase.ts'
import type { RuntimeDatabase } from '../database/openDatabase.ts'
import type { RefusedVersions } from '../database/refusedVersions.ts'
import { createGhosts } from './ghosts.ts'
import { replicateCollection, type CollectionReplication } from './replicate.ts'

export interface ReplicateAllOptions {
  client: SyncClient
  database: RuntimeDatabase
  local: LocalDatabase
  refused: RefusedVersions
  log: Logger
  /** A collection began or ended moving documents. */
  onActive: (collection: CollectionName, active: boolean) => void
}

const identifierFact = 'uplink/identifier'
const epochFact = 'uplink/epoch'
const restoredFact = 'uplink/restoredAt'

/** When it was last noticed that the server had been put back to an earlier state, in its time; null: never. */
export function restoredAtMs(local: Pick<LocalDatabase, 'readFact'>): number | null {
  const at = local.readFact(restoredFact)
  return at === null ? null : Number(at)
}

/** The next replications are not the continuation of earlier ones, even if these had the same name: what is here goes out first. */
export const forgetIdentifier = (local: LocalDatabase): void => local.writeFact(identifierFact, 'forgotten')

/** The replications of all collections with the gateway, over the client's one connection. */
export function createReplicateAll({ client, database, local, refused, log, onActive }: ReplicateAllOptions) {
  const running = new Map<CollectionName, CollectionReplication>()
  /** Versions whose answer was lost, over all replications of this start (see pushRows.ts). */
  const unanswered = new Map<CollectionName, Map<string, WireDocument[]>>()
  let identifier: string | null = null
  let synced = false
  /** Starts and stops run one after the other. */
  let queue: Promise<void> = Promise.resolve()
  const enqueue = (work: () => Promise<void>): Promise<void> => {
    queue = queue.then(work).catch((thrown: unknown) => log.error('replication', { reason: String(thrown) }))
    return queue
  }

  async function begin(hello: HelloReply): Promise<void> {
    const wanted = replicationIdentifier(hello, database.era)
    if (identifier === wanted) return
    await end()
    identifier = wanted
    synced = false
    const lastIdentifier = local.readFact(identifierFact)
    const lastEpoch = local.readFact(epochFact)
    const restored = lastEpoch !== null && lastEpoch !== hello.epoch
    if (restored) {
      log.warn('the server was restored: sending again what is here', { epoch: hello.epoch })
      // Before its tasks come in: whoever takes them up must know.
      local.writeFact(restoredFact, String(hello.serverTimeMs))
    }
    let reclaiming = restored
    const ghosts: ReturnType<typeof createGhosts>[] = []
    for (const { collection, push } of replicationPlan(hello)) {
      const { writer, nodeField } = collections[collection]
      // Safe: the replication hands documents through, whatever their type.
      const rxCollection = database.collections[collection] as unknown as RxCollection<WireDocument>
      const isMine = (document: WireDocument): boolean =>
        writer === 'node' && nodeField !== null ? document[nodeField] === hello.nodeId : push
      const ghost = restored ? createGhosts(rxCollection, isMine) : null
      if (ghost !== null) ghosts.push(ghost)
      const replication = replicateCollection({
        client,
        collection,
        rxCollection,
        identifier: wanted,
        push,
        pushFirst: lastIdentifier !== null && lastIdentifier !== wanted,
        onRefusal: ({ error }, document) => {
          // It was over and the server has put it away: it is forgotten here too, and nobody has to look at it.
          if (error.code === 'DOCUMENT_ARCHIVED' && isOver(collection, document)) return
          log.warn('a document was refused and set aside', { collection, id: document.id, code: error.code })
          refused.add(collection, document, error)
        },
        isMine,
        ...(ghost === null ? {} : { onPulled: ghost.onPulled }),
        reclaim: () => reclaiming,
        unanswered: mapOf(collection),
        log,
      })
      running.set(collection, replication)
      replication.onActive((active) => onActive(collection, active))
    }
    void Promise.all([...running.values()].map((replication) => replication.firstSync)).then(async (all) => {
      if (identifier !== wanted || all.includes(false)) return
      reclaiming = false
      for (const ghost of ghosts) await ghost.remove().catch((thrown: unknown) => log.error('replication', { reason: String(thrown) }))
      if (identifier !== wanted) return
      synced = true
      local.writeFact(identifierFact, wanted)
      local.writeFact(epochFact, hello.epoch)
      for (const collection of running.keys()) onActive(collection, running.get(collection)?.isActive() ?? false)
    })
  }
  async function end(): Promise<void> {
    identifier = null
    const stopping = [...running.values()]
    running.clear()
    await Promise.all(stopping.map((replication) => replication.stop()))
  }
  function mapOf(collection: CollectionName): Map<string, WireDocument[]> {
    const known = unanswered.get(collection)
    if (known !== undefined) return known
    const made = new Map<string, WireDocument[]>()
    unanswered.set(collection, made)
    return made
  }
  return {
    /** Goes on where it is when the same replications run already: they wait for the line by themselves. */
    begin: (hello: HelloReply) => enqueue(() => begin(hello)),
    end: () => enqueue(end),
    /** The first exchange with this peer is through. */
    isSynced: () => synced && identifier !== null,
    isActive: (collection: CollectionName) => running.get(collection)?.isActive() ?? false,
    anyActive: () => [...running.values()].some((replication) => replication.isActive()),
  }
}
