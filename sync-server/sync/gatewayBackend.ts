import { appError } from '#shared/errors/appError.ts'
import type { JsonValue } from '#shared/json.ts'
import type { Clock } from '#shared/log.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { pullableCollections } from '#shared/rules/access.ts'
import type { Session, SyncBackend } from '#shared/sync/backend.ts'
import { nodeTopic, seriesTopic, tagPreferencesTopic, workTopic } from '#shared/sync/live.ts'
import { protocolVersion, type EventMessage, type SeriesAppendPayload } from '#shared/sync/protocol.ts'
import type { CallRegistry } from '../calls/callRegistry.ts'
import type { SeriesAccess } from '../series/seriesAccess.ts'
import type { SeriesStore } from '../series/seriesStore.ts'
import { createFanOut } from './fanOut.ts'
import { everyNode, type LiveHub } from './liveHub.ts'
import { createPull, type PullParts } from './pull.ts'
import { createPush } from './push.ts'

export interface GatewayBackendParts extends PullParts {
  serverId: string
  version: string
  calls: CallRegistry
  live: LiveHub
  series: SeriesStore
  seriesAccess: SeriesAccess
  clock: Clock
}
export interface GatewayBackend extends SyncBackend {
  stop(): void
}

const liveValueBytes = 64 * 1024
/** A node watches this topic of itself to hear whether somebody watches it, and is quiet when nobody does. */
const watchedTopic = (nodeId: string) => `watched/${nodeTopic(nodeId)}`

/** What stands behind the protocol on the gateway: CouchDB and its projection, the calls, the series, the live values. */
export function createGatewayBackend(parts: GatewayBackendParts): GatewayBackend {
  const { store, projection, calls, live, series, seriesAccess, clock, epoch, serverId } = parts
  const fanOut = createFanOut(projection, epoch)

  async function seriesAppend(session: Session, payload: SeriesAppendPayload) {
    if (!(await seriesAccess.mayAppend(session, payload.series))) return err(appError('NOT_ALLOWED'))
    const appended = await series.append(session.ownerId, payload)
    if (!appended.ok) return appended
    const { offset, grew } = appended.value
    if (grew) live.publish({ ownerId: session.ownerId, nodeId: session.nodeId, topic: seriesTopic(payload.series), value: payload.text })
    return ok({ offset })
  }

  return {
    async hello(session) {
      return ok({
        ...{ protocol: protocolVersion, peerKind: 'gateway', peerVersion: parts.version },
        ...{ epoch, serverId, serverTimeMs: clock.now(), ownerId: session.ownerId, nodeId: session.nodeId, isOwner: session.isOwner },
        collections: pullableCollections(session),
      })
    },
    pull: createPull(parts),
    push: createPush({ store, projection, archive: parts.archive, clock }),
    call: (session, name, input) => calls.call(session, name, input),
    seriesAppend,
    async seriesRead(session, payload) {
      return (await seriesAccess.mayRead(session, payload.series)) ? series.read(session.ownerId, payload) : err(appError('NOT_ALLOWED'))
    },
    mayWatch,
    live(session, topic, value): Result<null> {
      if (session.nodeId === null || topic !== nodeTopic(session.nodeId)) return err(appError('NOT_ALLOWED'))
      if (JSON.stringify(value).length > liveValueBytes) return err(appError('REQUEST_INVALID', { reason: 'too large for a live value' }))
      live.publish({ ownerId: session.ownerId, nodeId: session.nodeId, topic, value })
      return ok(null)
    },
    subscribe(session, emit) {
      const stops = [
        fanOut.subscribe(session, emit),
        live.subscribe(({ ownerId, nodeId, topic, value }) => {
          if (
            ownerId === session.ownerId &&
            (session.isOwner || (session.nodeId !== null && (nodeId === session.nodeId || nodeId === everyNode)))
          )
            emit({ event: 'live', topic, value })
        }),
        tellNode(session, emit),
      ]
      return () => {
        for (const stop of stops) stop()
      }
    },
    onWatch: (topic, watched) => live.setWatched(topic, watched),
    serverTimeMs: () => clock.now(),
    stop: () => fanOut.stop(),
  }

  /** To a node: whether its topic gained its first or lost its last watcher, and at once when it begins to ask. */
  function tellNode(session: Session, emit: (event: EventMessage) => void): () => void {
    const { nodeId } = session
    if (nodeId === null) return () => undefined
    const tell = () =>
      emit({ event: 'live', topic: watchedTopic(nodeId), value: { watched: live.watchers(nodeTopic(nodeId)) > 0 } satisfies JsonValue })
    return live.onWatched((topic, watched) => {
      if (topic === nodeTopic(nodeId) || (topic === watchedTopic(nodeId) && watched)) tell()
    })
  }
}

/** Live values are only ever passed on within one owner, so an owner may watch any name; a node its own topics. */
function mayWatch(session: Session, topic: string): boolean {
  if (session.isOwner && /^(node|series)\//.test(topic)) return true
  if (session.nodeId !== null && topic === tagPreferencesTopic) return true
  return session.nodeId !== null && [nodeTopic, watchedTopic, workTopic].some((topicOf) => topic === topicOf(session.nodeId ?? ''))
}
