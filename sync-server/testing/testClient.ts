import { WebSocket } from 'ws'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import { createSyncClient, type SyncClient } from '#shared/sync/client.ts'
import type { ClientChannel, PeerMessage } from '#shared/sync/protocol.ts'
import { realClock } from './testTools.ts'
import { quietLogger } from './plainParts.ts'

/** A client of the protocol over a real WebSocket. */
export function connectTestClient(url: string, token: () => string): SyncClient {
  const client = createSyncClient({
    open: () => openChannel(url, token()),
    hello: { clientKind: 'tool', clientVersion: 'test', schemaVersions: {} },
    clock: realClock,
    random: Math.random,
    log: quietLogger,
  })
  client.start()
  return client
}

/** Resolves when the client is live; rejects with what the gateway said when it refuses. */
export function untilLive(client: SyncClient): Promise<void> {
  return new Promise((resolve, reject) => {
    const off = client.onState(check)
    function check() {
      const state = client.state()
      if (state.name !== 'live' && state.name !== 'refused') return
      off()
      if (state.name === 'live') resolve()
      else reject(new AppErrorException(state.error))
    }
    check()
  })
}

function openChannel(url: string, token: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/sync/live`, {
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
    })
    socket.on('open', () => resolve(channelOf(socket)))
    socket.on('error', (error) => reject(new AppErrorException(appError('SERVER_UNREACHABLE', { server: url, reason: error.message }))))
    socket.on('unexpected-response', (_request, response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
      response.on('end', () => {
        const { error } = JSON.parse(text) as { error: ConstructorParameters<typeof AppErrorException>[0] }
        reject(new AppErrorException(error))
      })
    })
  })
}

function channelOf(socket: WebSocket): ClientChannel {
  return {
    send: (message) => {
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message))
    },
    queued: () => socket.bufferedAmount,
    onMessage: (handler) => void socket.on('message', (data: Buffer) => handler(JSON.parse(data.toString('utf8')) as PeerMessage)),
    onClose: (handler) => void socket.on('close', (_code, reason) => handler(reason.toString('utf8') || 'closed')),
    close: () => socket.close(),
  }
}
