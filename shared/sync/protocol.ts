import { z } from 'zod'
import type { AppError } from '../errors/appError.ts'
import type { JsonObject, JsonValue } from '../json.ts'
import type { Result } from '../result.ts'

/**
 * The one protocol between a dashboard and a runtime, a runtime and the gateway, a browser and the gateway.
 * Transports carry its messages as they are: a MessagePort (structured clone), a WebSocket (one JSON text each), or HTTP
 * (`POST /sync/<op>` with the payload as body and the Result as answer; `GET /sync/events` streams events as one JSON text a line).
 *
 *   client ── {id, op, payload} ──►  peer
 *   client ◄── {id, result} ──────   peer      one reply per request, in any order
 *   client ◄── {event, …} ────────   peer      the one event stream; lossy when the client is slow, then `resync`
 *
 * Versions: each side says `protocolVersion` in `hello`; neighbours (N-1, N+1) understand each other, unknown fields are kept.
 */
export const protocolVersion = 1
/**
 * Over HTTP: names the event stream. The peer gives it with the answer to `GET /sync/events`, the client with every `POST /sync/<op>`, so
 * that `watch` finds its stream (`SyncPeer.accept(session, channel, connectionId)` and `SyncPeer.request(session, op, payload, connectionId)`).
 */
export const connectionHeader = 'x-pictor-connection'
export const limits = {
  /** Rows of one push, documents of one pull. */
  batchRows: 2_000,
  documentBytes: 1_000_000,
  messageBytes: 32 * 1024 * 1024,
  /** Events waiting for a slow client before they are dropped and replaced by one `resync`. */
  queuedEvents: 1_000,
  seriesChunkBytes: 256 * 1024,
} as const

/** A document as it travels: plain JSON with an `id`; `_deleted` is only ever true towards a client that must forget it. */
export interface WireDocument extends JsonObject {
  id: string
}

/** Opaque to the client; made by the peer, valid within one epoch. `null` = from the beginning. */
export type Checkpoint = JsonObject

const helloPayload = z.looseObject({
  protocol: z.number().int(),
  clientKind: z.enum(['node', 'runtime', 'dashboard', 'tool']),
  clientVersion: z.string().max(60),
  /** Schema version per collection the client stores. */
  schemaVersions: z.record(z.string(), z.number().int()),
  clientTime: z.number(),
})
export type HelloPayload = z.infer<typeof helloPayload>

export interface HelloReply {
  protocol: number
  peerKind: 'gateway' | 'runtime'
  peerVersion: string
  /** Changes when the server was restored from a backup; clients then push again what they own. */
  epoch: string
  serverId: string
  serverTimeMs: number
  ownerId: string
  /** Set when the session is that of a node, or the peer is a node's runtime. */
  nodeId: string | null
  /** True when this session may act as the owner. */
  isOwner: boolean
  /** The collections this session may pull. */
  collections: string[]
}

const pullPayload = z.looseObject({
  collection: z.string().max(40),
  checkpoint: z.record(z.string(), z.json()).nullable(),
  limit: z.number().int().min(1).max(limits.batchRows),
  /** From the beginning only what a dashboard holds (windows.ts); say it with every page. A peer that does not know it gives everything. */
  window: z.boolean().optional(),
})
export type PullPayload = z.infer<typeof pullPayload>
export interface PullReply {
  documents: WireDocument[]
  /** Pass it to the next pull. Fewer documents than asked for = nothing more at the moment, unless `more` says otherwise. */
  checkpoint: Checkpoint | null
  /** The page was cut short (its bytes would not fit into a message): ask again at once. */
  more?: boolean
}

const pushRow = z.looseObject({
  /** What the client believes the peer has; null = nothing. Only compared, never stored, so its depth is not walked. */
  assumed: z.looseObject({ id: z.string().max(120) }).nullable(),
  document: z.looseObject({ id: z.string().max(120) }),
})
const pushPayload = z.looseObject({
  collection: z.string().max(40),
  rows: z.array(pushRow).max(limits.batchRows),
  /** Sent once after an epoch change: the writer of a document may put its own newer version over a restored older one. */
  reclaim: z.boolean().optional(),
})
export type PushPayload = z.infer<typeof pushPayload>
export interface PushReply {
  /** The peer's versions of rows whose `assumed` was not what the peer has. */
  conflicts: WireDocument[]
  /** Rows that will never be taken. `current` is the peer's state (null: it has none). One refused row never blocks another. */
  refusals: Refusal[]
}
export interface Refusal {
  id: string
  error: AppError
  current: WireDocument | null
}

/** A named call of `shared/api/gatewayCalls.ts` or `shared/api/runtimeCalls.ts`. */
const callPayload = z.looseObject({ name: z.string().max(80), input: z.json() })
type CallPayload = z.infer<typeof callPayload>

/** Series: append-only text such as a task's log. `series` is e.g. `log/<taskId>` or `metrics/<nodeId>`. */
export const seriesName = z.string().regex(/^(log|metrics|node)\/[a-z0-9][a-z0-9_.:-]{0,119}$/)
const seriesAppendPayload = z.looseObject({
  series: seriesName,
  /** Byte offset where this chunk begins; a gap or an overlap is answered with the peer's offset and nothing is written. */
  offset: z.number().int().min(0),
  text: z.string().max(limits.seriesChunkBytes),
})
export type SeriesAppendPayload = z.infer<typeof seriesAppendPayload>
export interface SeriesAppendReply {
  /** Bytes the peer has now. */
  offset: number
}
const seriesReadPayload = z.looseObject({
  series: seriesName,
  /** Byte offset; negative counts from the end. Cut back to a line's beginning. */
  from: z.number().int(),
  limitBytes: z.number().int().min(1).max(limits.seriesChunkBytes),
})
export type SeriesReadPayload = z.infer<typeof seriesReadPayload>
export interface SeriesReadReply {
  from: number
  text: string
  /** Bytes in all. */
  size: number
}

/** Live topics: `node/<nodeId>` (LiveNode, see live.ts) and `series/<series>` (text as it is appended). Lossy, memory only. */
const watchPayload = z.looseObject({ topic: z.string().max(200), on: z.boolean() })
type WatchPayload = z.infer<typeof watchPayload>
/** A node tells its hot values upwards. No reply is waited for. */
const livePayload = z.looseObject({ topic: z.string().max(200), value: z.json() })
type LivePayload = z.infer<typeof livePayload>

/** What each operation takes and answers. */
export interface Operations {
  hello: { payload: HelloPayload; reply: HelloReply }
  ping: { payload: JsonObject; reply: { serverTimeMs: number } }
  pull: { payload: PullPayload; reply: PullReply }
  push: { payload: PushPayload; reply: PushReply }
  call: { payload: CallPayload; reply: JsonValue }
  seriesAppend: { payload: SeriesAppendPayload; reply: SeriesAppendReply }
  seriesRead: { payload: SeriesReadPayload; reply: SeriesReadReply }
  watch: { payload: WatchPayload; reply: JsonObject }
  live: { payload: LivePayload; reply: JsonObject }
}
export type Operation = keyof Operations

export const payloadSchemas = {
  hello: helloPayload,
  ping: z.looseObject({}),
  pull: pullPayload,
  push: pushPayload,
  call: callPayload,
  seriesAppend: seriesAppendPayload,
  seriesRead: seriesReadPayload,
  watch: watchPayload,
  live: livePayload,
} as const satisfies Record<Operation, z.ZodType>

interface RequestMessage<Op extends Operation = Operation> {
  id: number
  op: Op
  payload: Operations[Op]['payload']
}
interface ReplyMessage {
  id: number
  result: Result<unknown>
}
export type EventMessage =
  /** Documents of a collection changed; `checkpoint` continues a pull. */
  | { event: 'changed'; collection: string; documents: WireDocument[]; checkpoint: Checkpoint | null }
  /** Something was dropped or the peer cannot say what changed: pull again from your checkpoint. null = every collection. */
  | { event: 'resync'; collection: string | null }
  | { event: 'live'; topic: string; value: JsonValue }
  /** The peer will close the connection: `retry` says whether to come back by itself. */
  | { event: 'closing'; error: AppError; retry: boolean }

export type ClientMessage = RequestMessage
export type PeerMessage = ReplyMessage | EventMessage

/** Two ends of a transport. `send` never throws; after `close` nothing is delivered. */
export interface Channel<Out, In> {
  send(message: Out): void
  /** Bytes or messages not yet taken by the other side, for back-pressure; 0 where the transport cannot tell. */
  queued(): number
  onMessage(handler: (message: In) => void): void
  onClose(handler: (reason: string) => void): void
  close(reason: string): void
}
export type ClientChannel = Channel<ClientMessage, PeerMessage>
export type PeerChannel = Channel<PeerMessage, ClientMessage>
