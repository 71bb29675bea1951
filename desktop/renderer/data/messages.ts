import type { MangoQuery } from 'rxdb'
import type { Uplink } from '#shared/api/runtimeCalls.ts'
import type { CollectionName } from '#shared/collections/collections.ts'
import type { AppError } from '#shared/errors/appError.ts'
import type { JsonValue } from '#shared/json.ts'
import type { Result } from '#shared/result.ts'
import type { ClientState } from '#shared/sync/clientState.ts'
import type { HelloReply, SeriesReadReply, WireDocument } from '#shared/sync/protocol.ts'
import type { ListPart } from './listChanges.ts'

/** Which peer the page talks to: the runtime of this computer, or the gateway. */
export type Place = 'runtime' | 'gateway'

/**
 * Where the page keeps what it shows: in memory beside a runtime (which has it on disk), in the browser's IndexedDB against a gateway,
 * so that the dashboard opens there without a network.
 */
export type StorageKind = 'memory' | 'browser'

/** What the worker is told when it begins. */
export interface Beginning {
  place: Place
  storage: StorageKind
  appVersion: string
  /** What this browser saw of the peer last time: its data can be shown before, or without, a connection. */
  remembered: HelloReply | null
  /** The address of the peer's WebSocket; null: the page opens a port when it is asked for one. */
  socket: string | null
  isHidden: boolean
}

/** Fields with their new values; those in `gone` are taken away. */
export interface EditFields {
  fields: Partial<WireDocument>
  gone: readonly string[]
}

/** What the page asks the worker and gets one answer to. */
export interface Questions {
  call: { input: { name: string; input: JsonValue; timeoutMs?: number | undefined }; answer: Result<JsonValue> }
  seriesRead: { input: { series: string; from: number; limitBytes: number }; answer: Result<SeriesReadReply> }
  /** The newest version of a document; null: there is none. */
  read: { input: { collection: CollectionName; id: string }; answer: WireDocument | null }
  /** See worker/edits.ts. */
  edit: { input: { collection: CollectionName; id: string; base: WireDocument | null; change: EditFields }; answer: WireDocument | null }
}
export type Question = keyof Questions

/** From the page to the worker that holds its data. */
export type ToWorker =
  | { is: 'begin'; beginning: Beginning }
  | { is: 'stop' }
  | { is: 'wake' }
  | { is: 'seen'; isHidden: boolean }
  | { is: 'touched' }
  | { [Kind in Question]: { is: 'ask'; ask: number; question: Kind; input: Questions[Kind]['input'] } }[Question]
  | { is: 'watch'; watch: number; topic: string }
  | { is: 'unwatch'; watch: number }
  /** `world` names the database that the list is of: one that is over has no lists. */
  | { is: 'take'; take: number; world: number; collection: CollectionName; query: MangoQuery }
  | { is: 'release'; take: number }
  /** The port that was asked for, among the message's ports; or why there is none. */
  | { is: 'port'; open: number; port: MessagePort | null; error: AppError | null }

/** From the worker to its page. */
export type FromWorker =
  | { is: 'connection'; state: ClientState }
  | { is: 'hello'; hello: HelloReply }
  | { is: 'uplink'; uplink: Uplink | null }
  | { is: 'catchingUp'; count: number | null }
  | { is: 'offset'; offsetMs: number }
  /** So many documents were changed here and not answered by the peer yet; kept: in the browser, beyond the page's end. */
  | { is: 'unsent'; count: number; isKept: boolean }
  /** The database that is open now; null: none. */
  | { is: 'world'; world: number | null }
  | { is: 'answer'; ask: number; answer: unknown }
  | { is: 'failed'; ask: number; reason: string }
  | { is: 'topic'; watch: number; value: JsonValue }
  | { is: 'list'; take: number; part: ListPart }
  /** There is an answer, and all of it was told. */
  | { is: 'loaded'; take: number }
  | { is: 'open'; open: number }
  | { is: 'remember'; hello: HelloReply }
  | { is: 'refused'; error: AppError }
  | { is: 'stopped' }

/** From the worker to whoever started it: it lives as long as it holds the lock of this name. */
export interface Lifeline {
  is: 'alive'
  lock: string
}

/** One end of the line between page and worker: a Worker, a worker's own scope, or a MessagePort. */
export interface Endpoint<Sent, Received> {
  post: (message: Sent, transfer?: Transferable[]) => void
  onMessage: (handler: (message: Received) => void) => void
}
