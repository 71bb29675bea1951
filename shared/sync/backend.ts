import type { JsonValue } from '../json.ts'
import type { Result } from '../result.ts'
import type {
  EventMessage,
  HelloPayload,
  HelloReply,
  PullPayload,
  PullReply,
  PushPayload,
  PushReply,
  SeriesAppendPayload,
  SeriesAppendReply,
  SeriesReadPayload,
  SeriesReadReply,
} from './protocol.ts'

/**
 * Who is at the other end. Made by the peer when it lets a connection in; every check of access is against it.
 * A node whose computer's owner signed in has one session with both `nodeId` and `isOwner`.
 */
export interface Session {
  sessionId: string
  ownerId: string
  nodeId: string | null
  isOwner: boolean
  /** Ends the session's connections when the credential ends, in server milliseconds. */
  expiresAtMs: number | null
}

/**
 * What stands behind the protocol on a peer: the runtime has one over its RxDB, the gateway one over CouchDB and its projection.
 * Payloads are already parsed. Access is checked inside, in the one place the peer has for it.
 */
export interface SyncBackend {
  hello(session: Session, payload: HelloPayload): Promise<Result<HelloReply>>
  pull(session: Session, payload: PullPayload): Promise<Result<PullReply>>
  push(session: Session, payload: PushPayload): Promise<Result<PushReply>>
  call(session: Session, name: string, input: JsonValue): Promise<Result<JsonValue>>
  seriesAppend(session: Session, payload: SeriesAppendPayload): Promise<Result<SeriesAppendReply>>
  seriesRead(session: Session, payload: SeriesReadPayload): Promise<Result<SeriesReadReply>>
  /** May this session watch the topic? The peer core keeps the subscriptions of each connection. */
  mayWatch(session: Session, topic: string): boolean
  /** Takes a node's hot values; the backend fans them out to whoever watches the topic. */
  live(session: Session, topic: string, value: JsonValue): Result<null>
  /**
   * Everything this session may hear of, until the returned function is called. `live` events are filtered by the peer core
   * (only watched topics reach the channel). `changed` events of a collection come in the order of their checkpoints, without gaps, and
   * only once a pull would see the change: clients continue from an event's checkpoint. Where that cannot be kept, emit `resync`. `onWatch` tells the backend that a topic gained its first or lost its last watcher.
   */
  subscribe(session: Session, emit: (event: EventMessage) => void): () => void
  onWatch?(topic: string, watched: boolean): void
  /** A connection of this session opened or closed (presence). */
  onConnection?(session: Session, connectionId: string, open: boolean): void
  serverTimeMs(): number
}
