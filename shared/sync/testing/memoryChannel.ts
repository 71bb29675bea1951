import type { Channel, ClientMessage, PeerMessage } from '../protocol.ts'

/** Two ends of a line inside one process. Messages arrive asynchronously, in order, as copies, like over a socket. */
export function createMemoryLine() {
  let open = true
  let cut = false
  const client = createEnd<ClientMessage, PeerMessage>()
  const peer = createEnd<PeerMessage, ClientMessage>()
  let queued = 0

  function createEnd<Out, In>() {
    return { message: [] as ((message: In) => void)[], close: [] as ((reason: string) => void)[], out: null as Out | null }
  }
  function close(reason: string): void {
    if (!open) return
    open = false
    void Promise.resolve().then(() => {
      for (const handler of [...client.close, ...peer.close]) handler(reason)
    })
  }
  function channel<Out, In>(
    own: { message: ((message: In) => void)[]; close: ((reason: string) => void)[] },
    other: { message: ((message: Out) => void)[] },
  ) {
    return {
      send(message: Out) {
        if (!open || cut) return
        const copy = JSON.parse(JSON.stringify(message)) as Out
        void Promise.resolve().then(() => {
          if (!cut) for (const handler of other.message) handler(copy)
        })
      },
      queued: () => queued,
      onMessage: (handler: (message: In) => void) => void own.message.push(handler),
      onClose: (handler: (reason: string) => void) => void own.close.push(handler),
      close,
    } satisfies Channel<Out, In>
  }
  return {
    client: channel<ClientMessage, PeerMessage>(client, peer),
    peer: channel<PeerMessage, ClientMessage>(peer, client),
    /** Half-open: nothing arrives any more and nobody is told. */
    cut: () => void (cut = true),
    /** What the ends say is not yet taken by the other side. */
    setQueued: (amount: number) => void (queued = amount),
    isOpen: () => open,
  }
}

/** A logger for tests that keeps what was said. */
export function createTestLog() {
  const lines: { level: string; message: string }[] = []
  const log = {
    debug: (message: string) => void lines.push({ level: 'debug', message }),
    info: (message: string) => void lines.push({ level: 'info', message }),
    warn: (message: string) => void lines.push({ level: 'warn', message }),
    error: (message: string) => void lines.push({ level: 'error', message }),
    child: () => log,
  }
  return { log, lines }
}
