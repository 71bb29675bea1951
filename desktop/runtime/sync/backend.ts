import type { Uplink as UplinkStatus } from '#shared/api/runtimeCalls.ts'
import { appError } from '#shared/errors/appError.ts'
import type { JsonValue } from '#shared/json.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { mayPull, mayPush, pullableCollections } from '#shared/rules/access.ts'
import { nodeTopic } from '#shared/sync/live.ts'
import type { Session, SyncBackend } from '#shared/sync/backend.ts'
import { protocolVersion, seriesName, type EventMessage } from '#shared/sync/protocol.ts'
import type { RuntimeDatabase } from '../database/openDatabase.ts'
import type { LocalSeries } from '../series/localSeries.ts'
import type { Uplink } from './uplink.ts'
import { createWindowDocuments } from './windowDocuments.ts'

export interface RuntimeBackendOptions {
  database: RuntimeDatabase
  nodeId: string
  appVersion: string
  calls: (session: Session, name: string, input: JsonValue) => Promise<Result<JsonValue>>
  series: LocalSeries
  uplink: Pick<Uplink, 'client' | 'status' | 'onStatus' | 'isLive'>
  /** This world's owner signed in at this computer: only then may the gateway be asked for logs of other nodes. */
  isOwnerHere: () => boolean
  /** The best guess of server time. */
  now: () => number
}

export interface RuntimeBackend extends SyncBackend {
  /** A hot value of this computer, for its windows and, while somebody watches, for the gateway. */
  tell: (topic: string, value: JsonValue) => void
  /** Called when a topic of this computer gains its first or loses its last watching window. Returns its own unsubscribe. */
  onWatched: (listener: (topic: string, watched: boolean) => void) => () => void
  close: () => void
}

export const uplinkTopic = 'uplink'

/**
 * What the runtime's windows see: its own database, its own series, its own calls; what only the gateway has is asked there. Live topics of
 * other nodes come through the gateway while a window watches them.
 */
export function createRuntimeBackend(options: RuntimeBackendOptions): RuntimeBackend {
  const { database, nodeId, series, uplink, calls, now } = options
  const documents = createWindowDocuments(database, now)
  const emitters = new Set<(event: EventMessage) => void>()
  const watchListeners = new Set<(topic: string, watched: boolean) => void>()
  /** Topics that are watched through the gateway. */
  const forwarded = new Map<string, () => void>()

  const tellWindows = (topic: string, value: JsonValue): void => {
    for (const emit of [...emitters]) emit({ event: 'live', topic, value })
  }
  // Safe: a status is plain JSON by its schema.
  const offStatus = uplink.onStatus((status: UplinkStatus) => tellWindows(uplinkTopic, status as unknown as JsonValue))
  const offSeries = series.onAppend((name, text) => tellWindows(`series/${name}`, text))
  const isOwnTopic = (topic: string): boolean =>
    topic === uplinkTopic || topic === nodeTopic(nodeId) || (topic.startsWith('series/') && series.has(topic.slice('series/'.length)))

  /** Logs that this node does not have (any more) are another node's, or dropped: nothing comes of them without the owner's session. */
  const mayForward = (topic: string): boolean => !topic.startsWith('series/') || options.isOwnerHere()

  return {
    async hello(session) {
      return ok({
        protocol: protocolVersion,
        peerKind: 'runtime',
        peerVersion: options.appVersion,
        epoch: database.epoch,
        serverId: `runtime-${nodeId}`,
        serverTimeMs: now(),
        ownerId: session.ownerId,
        nodeId,
        isOwner: session.isOwner,
        collections: pullableCollections(session),
      })
    },
    async pull(session, { collection, checkpoint, limit }) {
      if (!mayPull(session, collection)) return err(appError('COLLECTION_UNKNOWN', { collection }))
      return ok(await documents.pull(session, collection, checkpoint, limit))
    },
    async push(session, payload) {
      const { collection } = payload
      if (mayPush(session, collection)) return ok(await documents.push(session, collection, payload))
      if (!mayPull(session, collection)) return err(appError('COLLECTION_UNKNOWN', { collection }))
      const refusals = payload.rows.map(({ document }) => ({
        id: document.id,
        error: appError('DOCUMENT_FORBIDDEN', { id: document.id, collection }),
        current: null,
      }))
      return ok({ conflicts: [], refusals })
    },
    call: calls,
    async seriesAppend() {
      // Windows write no series; nodes have the gateway for theirs.
      return err(appError('NOT_ALLOWED'))
    },
    async seriesRead(session, payload) {
      if (!session.isOwner) return err(appError('NOT_ALLOWED'))
      if (series.has(payload.series)) return ok(await series.read(payload.series, payload.from, payload.limitBytes))
      return uplink.client.seriesRead(payload)
    },
    mayWatch: (session, topic) =>
      session.isOwner &&
      (topic === uplinkTopic || topic.startsWith('node/') || (topic.startsWith('series/') && seriesName.safeParse(topic.slice(7)).success)),
    live: () => err(appError('NOT_ALLOWED')),
    subscribe(session, emit) {
      emitters.add(emit)
      const unsubscribe = documents.subscribe(session, emit)
      return () => {
        emitters.delete(emit)
        unsubscribe()
      }
    },
    onWatch(topic, watched) {
      // A window that begins to watch hears at once how things stand.
      if (topic === uplinkTopic && watched) queueMicrotask(() => tellWindows(topic, uplink.status() as unknown as JsonValue))
      if (isOwnTopic(topic)) for (const listener of [...watchListeners]) listener(topic, watched)
      else if (watched && mayForward(topic))
        forwarded.set(
          topic,
          uplink.client.watch(topic, (value) => tellWindows(topic, value)),
        )
      if (watched) return
      forwarded.get(topic)?.()
      forwarded.delete(topic)
    },
    serverTimeMs: now,
    tell(topic, value) {
      tellWindows(topic, value)
      uplink.client.sendLive(topic, value)
    },
    onWatched(listener) {
      watchListeners.add(listener)
      return () => void watchListeners.delete(listener)
    },
    close() {
      offStatus()
      offSeries()
      for (const off of forwarded.values()) off()
      forwarded.clear()
      emitters.clear()
    },
  }
}
