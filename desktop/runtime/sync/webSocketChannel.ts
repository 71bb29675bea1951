import { WebSocket, type RawData } from 'ws'
import { durations } from '#shared/durations.ts'
import { AppErrorException, appError, type AppError } from '#shared/errors/appError.ts'
import { limits, type Channel, type ClientChannel, type ClientMessage, type PeerChannel, type PeerMessage } from '#shared/sync/protocol.ts'

export interface WebSocketTarget {
  /** `ws://…/sync/live` or `wss://…` */
  url: string
  headers: Record<string, string>
}

/** Opens the protocol over a WebSocket. Rejects with AppErrorException: the peer's own refusal, or SERVER_UNREACHABLE. */
export function openWebSocketChannel({ url, headers }: WebSocketTarget): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, {
      headers,
      maxPayload: limits.messageBytes,
      handshakeTimeout: durations.connectTimeoutMs,
      followRedirects: false,
      perMessageDeflate: false,
    })
    const fail = (reason: string) => reject(new AppErrorException(appError('SERVER_UNREACHABLE', { server: new URL(url).host, reason })))
    socket.once('open', () => resolve(channelOf<ClientMessage, PeerMessage>(socket)))
    socket.once('error', (error) => fail(error.message))
    socket.once('unexpected-response', (_request, response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => {
        if (chunks.length < 16) chunks.push(chunk)
      })
      response.once('error', (error) => fail(error.message))
      response.once('end', () => {
        const error = errorIn(Buffer.concat(chunks).toString('utf8')) ?? errorOfStatus(response.statusCode ?? 0)
        if (error === null) fail(`HTTP ${response.statusCode ?? 0}`)
        else reject(new AppErrorException(error))
        socket.terminate()
      })
    })
  })
}

/** The serving end of a WebSocket that was accepted. */
export const peerChannelOf = (socket: WebSocket): PeerChannel => channelOf<PeerMessage, ClientMessage>(socket)

function channelOf<Out, In>(socket: WebSocket): Channel<Out, In> {
  const messageHandlers: ((message: In) => void)[] = []
  const closeHandlers: ((reason: string) => void)[] = []
  let open = true
  function ended(reason: string): void {
    if (!open) return
    open = false
    for (const handler of closeHandlers) handler(reason)
  }
  socket.on('error', (error) => ended(error.message))
  socket.on('close', (code, reason) => ended(reason.toString('utf8') || `closed ${code}`))
  socket.on('message', (data: RawData) => {
    if (!open) return
    let message: In
    try {
      message = JSON.parse(textOf(data)) as In
    } catch {
      socket.close(1007, 'not JSON')
      return ended('not JSON')
    }
    for (const handler of messageHandlers) handler(message)
  })
  return {
    send(message) {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
    },
    queued: () => socket.bufferedAmount,
    onMessage: (handler) => void messageHandlers.push(handler),
    onClose: (handler) => void closeHandlers.push(handler),
    close(reason) {
      open = false
      socket.close(1000, reason.slice(0, 100))
      // A half-open socket never answers the closing handshake.
      setTimeout(() => socket.terminate(), 1_000).unref()
    },
  }
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8')
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8')
}

/** The error in an HTTP answer that carries a Result. */
export function errorIn(body: string): AppError | null {
  try {
    const value = JSON.parse(body) as { error?: Partial<AppError> } | null
    const error = value?.error
    return typeof error?.code === 'string' && typeof error.message === 'string' ? (error as AppError) : null
  } catch {
    return null
  }
}

export function errorOfStatus(status: number): AppError | null {
  if (status === 401) return appError('NOT_SIGNED_IN')
  if (status === 403) return appError('NOT_ALLOWED')
  return null
}
