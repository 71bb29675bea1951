import type { Checkpoint, PeerMessage, PullReply, WireDocument } from '#shared/sync/protocol.ts'

/**
 * A pull's reply whose documents are JSON text already, as they stand in the projection: a transport that sends JSON passes the text on, and only
 * who looks at the documents pays for parsing them.
 */
export class RawPullReply implements PullReply {
  readonly #bodies: string[]
  readonly checkpoint: Checkpoint | null
  readonly more: boolean
  constructor(bodies: string[], checkpoint: Checkpoint | null, more: boolean) {
    this.#bodies = bodies
    this.checkpoint = checkpoint
    this.more = more
  }
  get documents(): WireDocument[] {
    return this.#bodies.map((body) => JSON.parse(body) as WireDocument)
  }
  toText(): string {
    return `{"documents":[${this.#bodies.join(',')}],"checkpoint":${JSON.stringify(this.checkpoint)},"more":${this.more}}`
  }
  toJSON(): PullReply {
    return { documents: this.documents, checkpoint: this.checkpoint, more: this.more }
  }
}

/** A message of the protocol as one JSON text. */
export function messageText(message: PeerMessage): string {
  if ('result' in message && message.result.ok && message.result.value instanceof RawPullReply)
    return `{"id":${message.id},"result":{"ok":true,"value":${message.result.value.toText()}}}`
  return JSON.stringify(message)
}
