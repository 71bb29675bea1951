import { EventEmitter } from 'node:events'

/** Runs in a process of the host before its bundle: gives it Electron's `process.parentPort`. */
type FromParent =
  { kind: 'message'; data: unknown; ports: number[] } | { kind: 'port'; id: number; data: unknown } | { kind: 'closed'; id: number }

class ChildPort extends EventEmitter {
  readonly #send: (message: object) => void
  readonly #id: number
  #waiting: unknown[] | null = []
  constructor(id: number, send: (message: object) => void) {
    super()
    this.#id = id
    this.#send = send
  }
  postMessage(data: unknown): void {
    this.#send({ kind: 'port', id: this.#id, data })
  }
  receive(data: unknown): void {
    if (this.#waiting === null) this.emit('message', { data, ports: [] })
    else this.#waiting.push(data)
  }
  start(): void {
    const waiting = this.#waiting ?? []
    this.#waiting = null
    for (const data of waiting) this.receive(data)
  }
  close(): void {
    this.#send({ kind: 'closed', id: this.#id })
  }
}

const send = (message: object) => {
  if (process.connected) process.send?.(message)
}
const ports = new Map<number, ChildPort>()
const parentPort = new EventEmitter()
const early: { data: unknown; ports: ChildPort[] }[] = []
parentPort.on('newListener', (event) => {
  if (event === 'message') setImmediate(() => early.splice(0).forEach((one) => parentPort.emit('message', one)))
})
process.on('message', (message: FromParent) => {
  if (message.kind === 'port') return ports.get(message.id)?.receive(message.data)
  if (message.kind === 'closed') {
    ports.get(message.id)?.emit('close')
    return ports.delete(message.id)
  }
  const arrived = message.ports.map((id) => {
    const port = new ChildPort(id, send)
    ports.set(id, port)
    return port
  })
  const event = { data: message.data, ports: arrived }
  if (parentPort.listenerCount('message') > 0 && early.length === 0) parentPort.emit('message', event)
  else early.push(event)
})
Object.assign(process, { parentPort: Object.assign(parentPort, { postMessage: (data: unknown) => send({ kind: 'message', data }) }) })
