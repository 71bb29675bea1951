import { EventEmitter } from 'node:events'

/** One end of a message channel. It can be handed to a page or a process: what it receives goes into a sink then. */
export class HostPort extends EventEmitter {
  #peer: HostPort | null = null
  #waiting: unknown[] = []
  #started = false
  #sink: ((data: unknown) => void) | null = null
  #closed = false

  static pair(): [HostPort, HostPort] {
    const [a, b] = [new HostPort(), new HostPort()]
    a.#peer = b
    b.#peer = a
    return [a, b]
  }

  postMessage(data: unknown): void {
    // As over a process boundary: never the same object, never in the same turn.
    const copy = structuredClone(data)
    setImmediate(() => this.#peer?.receive(copy))
  }
  receive(data: unknown): void {
    if (this.#closed) return
    if (this.#sink !== null) this.#sink(data)
    else if (this.#started) this.emit('message', { data, ports: [] })
    else this.#waiting.push(data)
  }
  start(): void {
    this.#started = true
    for (const data of this.#waiting.splice(0)) this.receive(data)
  }
  /** The other side lives elsewhere: what comes for this end goes there. */
  transfer(sink: (data: unknown) => void): void {
    this.#sink = sink
    for (const data of this.#waiting.splice(0)) this.receive(data)
  }
  close(): void {
    if (this.#closed) return
    this.#closed = true
    setImmediate(() => {
      this.emit('close')
      this.#peer?.close()
    })
  }
}
