import type { GatewayCallName, GatewayInput, GatewayOutput } from '#shared/api/gatewayCalls.ts'
import type { JsonValue } from '#shared/json.ts'
import type { Result } from '#shared/result.ts'

/** Documents of one collection as the node's parts need them. A write that was acknowledged is on disk. */
export interface Documents<Document extends { id: string }> {
  /** Documents whose `state` is one of these, oldest first. */
  inStates(states: readonly string[]): Promise<Document[]>
  get(id: string): Promise<Document | null>
  /** Rejects with AppErrorException DISK_FULL when it could not be saved. */
  put(document: Document): Promise<void>
  /** Every change, also those that came from the server. Returns its own unsubscribe. */
  onChange(listener: (document: Document) => void): () => void
}

/** The gateway as seen from this node. Nothing here waits for a line that is down: it answers with an error of fault `network`. */
export interface Gateway {
  call<Name extends GatewayCallName>(name: Name, input: GatewayInput<Name>): Promise<Result<GatewayOutput<Name>>>
  /** Where files are and the header that opens them; SERVER_UNREACHABLE or NOT_SIGNED_IN while there is no session. */
  access(): Promise<Result<{ serverUrl: string; token: string }>>
  isLive(): boolean
  /** Called whenever the line comes or goes. */
  onLive(listener: (live: boolean) => void): () => void
  /** Lossy messages of a live topic, e.g. hints that there is work. */
  watch(topic: string, listener: (value: JsonValue) => void): () => void
  sendLive(topic: string, value: JsonValue): void
}
