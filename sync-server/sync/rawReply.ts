import type { JsonObject } from '#shared/json.ts'
import type { Result } from '#shared/result.ts'
import type { Checkpoint, PeerMessage, PullReply, WireDocument } from '#shared/sync/protocol.ts'

/** An answer that is JSON text already. */
abstract class RawReply {
  abstract toText(): string
}

/**
 * A pull's reply whose documents are JSON text already, as they stand in the projection: a transport that sends JSON passes the text on, and only
 * who looks at the documents pays for parsing them.
 */
export class RawPullReply extends RawReply implements PullReply {
  readonly #bodies: string[]
  readonly checkpoint: Checkpoint | null
  readonly more: boolean
  constructor(bodies: string[], checkpoint: Checkpoint | null, more: boolean) {
    super()
    this.#bodies = bodies
    this.checkpoint = checkpoint
    this.more = more
  }
  get documents(): WireDocument[] {
    return parsed(this.#bodies)
  }
  override toText(): string {
    return `{"documents":[${this.#bodies.join(',')}],"checkpoint":${JSON.stringify(this.checkpoint)},"more":${this.more}}`
  }
  toJSON(): PullReply {
    return { documents: this.documents, checkpoint: this.checkpoint, more: this.more }
  }
}

/** The same of a page of documents. */
export class RawPage extends RawReply {
  readonly #bodies: string[]
  readonly more: boolean
  constructor(bodies: string[], more: boolean) {
    super()
    this.#bodies = bodies
    this.more = more
  }
  get documents(): WireDocument[] {
    return parsed(this.#bodies)
  }
  override toText(): string {
    return `{"documents":[${this.#bodies.join(',')}],"more":${this.more}}`
  }
  toJSON(): { documents: JsonObject[]; more: boolean } {
    return { documents: this.documents, more: this.more }
  }
}

const parsed = (bodies: string[]): WireDocument[] => bodies.map((body) => JSON.parse(body) as WireDocument)

/** A message of the protocol as one JSON text. */
export function messageText(message: PeerMessage): string {
  return 'result' in message ? `{"id":${message.id},"result":${resultText(message.result)}}` : JSON.stringify(message)
}

/** A result as JSON text. */
export function resultText(result: Result<unknown>): string {
  return result.ok && result.value instanceof RawReply ? `{"ok":true,"value":${result.value.toText()}}` : JSON.stringify(result)
}
