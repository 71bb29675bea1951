import { appError, type AppError } from '../errors/appError.ts'
import type { Clock, Logger } from '../log.ts'
import type { JsonObject } from '../json.ts'
import { err, ok, type Result } from '../result.ts'
import type { Session, SyncBackend } from './backend.ts'
import { dispatch } from './dispatch.ts'
import { createEventQueue } from './eventQueue.ts'
import type { ClientMessage, EventMessage, PeerChannel } from './protocol.ts'

const requestsLimit = 64
const watchLimit = 500
/** Replies that a client does not take: beyond this it is cut off rather than remembered. */
const unsentLimit = 64 * 1024 * 1024
/** Timers cannot wait for months. */
const longestWaitMs = 86_400_000

export interface SyncPeerOptions {
  backend: SyncBackend
  log: Logger
  clock: Clock
}

export interface SyncPeer {
  /**
   * Serves one live connection until it closes, the session expires or the returned function is called.
   * Transports without their own requests (the event stream of HTTP) name the connection, so that `request` can watch topics on it.
   */
  accept: (session: Session, channel: PeerChannel, connectionId?: string) => (error?: AppError) => void
  /** One request that came outside of a live connection (POST /sync/<op>). Never rejects. */
  request: (session: Session, op: string, payload: unknown, connectionId?: string) => Promise<Result<unknown>>
  /** Ends connections at once, e.g. those of a revoked node. Returns how many. */
  closeWhere: (match: (session: Session) => boolean, error: AppError, retry: boolean) => number
  count: () => number
  /** Ends all connections; clients come back by themselves. */
  close: () => void
}

interface Connection {
  session: Session
  watched: Set<string>
  watch(topic: string, on: boolean): Result<JsonObject>
  end(error: AppError, retry: boolean): void
}

/** The serving side of the protocol, over any transport. One client's slowness or nonsense costs bounded memory and harms no other. */
export function createSyncPeer({ backend, log, clock }: SyncPeerOptions): SyncPeer {
  const connections = new Map<string, Connection>()
  /** How many connections watch a topic, so that the backend hears of the first and the last. */
  const watchers = new Map<string, number>()
  let lastConnection = 0

  function countWatcher(topic: string, change: 1 | -1): void {
    const count = (watchers.get(topic) ?? 0) + change
    if (count > 0) watchers.set(topic, count)
    else watchers.delete(topic)
    if ((change === 1 && count === 1) || count === 0) backend.onWatch?.(topic, count > 0)
  }

  function accept(session: Session, channel: PeerChannel, connectionId = `connection-${++lastConnection}`): (error?: AppError) => void {
    const queue = createEventQueue(channel, clock)
    const watched = new Set<string>()
    let inFlight = 0
    let over = false
    let cancelExpiry: (() => void) | null = null

    function finish(reason: string): void {
      if (over) return
      over = true
      cancelExpiry?.()
      unsubscribe()
      queue.close()
      for (const topic of watched) countWatcher(topic, -1)
      if (connections.get(connectionId) === connection) connections.delete(connectionId)
      backend.onConnection?.(session, connectionId, false)
      channel.close(reason)
    }
    function end(error: AppError, retry: boolean): void {
      if (over) return
      channel.send({ event: 'closing', error, retry })
      finish(error.code)
    }
    function watch(topic: string, on: boolean): Result<JsonObject> {
      if (on === watched.has(topic)) return ok({})
      if (on && !backend.mayWatch(session, topic)) return err(appError('NOT_ALLOWED'))
      if (on && watched.size >= watchLimit) return err(appError('BUSY'))
      if (on) watched.add(topic)
      else watched.delete(topic)
      countWatcher(topic, on ? 1 : -1)
      return ok({})
    }
    function waitForExpiry(): void {
      if (session.expiresAtMs === null) return
      const leftMs = session.expiresAtMs - backend.serverTimeMs()
      if (leftMs <= 0) end(appError('NOT_SIGNED_IN'), true)
      else cancelExpiry = clock.after(Math.min(leftMs, longestWaitMs), waitForExpiry)
    }
    function reply(id: number, result: Result<unknown>): void {
      if (over) return
      channel.send({ id, result })
      if (channel.queued() > unsentLimit) {
        log.warn('a client takes no replies', { connectionId })
        finish('replies not taken')
      }
    }
    function receive(message: ClientMessage): void {
      if (over) return
      if (!isRequest(message)) return finish('not a request')
      if (inFlight >= requestsLimit) return reply(message.id, err(appError('BUSY')))
      inFlight += 1
      void dispatch(backend, session, log, message, watch).then((result) => {
        inFlight -= 1
        reply(message.id, result)
      })
    }

    const connection: Connection = { session, watched, watch, end }
    connections.set(connectionId, connection)
    const unsubscribe = backend.subscribe(session, (event: EventMessage) => {
      if (event.event !== 'live' || watched.has(event.topic)) queue.add(event)
    })
    channel.onMessage(receive)
    channel.onClose(finish)
    backend.onConnection?.(session, connectionId, true)
    waitForExpiry()
    return (error) => (error === undefined ? finish('closed') : end(error, true))
  }

  return {
    accept,
    async request(session, op, payload, connectionId) {
      return dispatch(backend, session, log, { op, payload }, (topic, on) => {
        const connection = connectionId === undefined ? undefined : connections.get(connectionId)
        if (connection === undefined || connection.session.sessionId !== session.sessionId)
          return err(appError('REQUEST_INVALID', { reason: 'no open event stream of this name' }))
        return connection.watch(topic, on)
      })
    },
    closeWhere(match, error, retry) {
      const matching = [...connections.values()].filter((connection) => match(connection.session))
      for (const connection of matching) connection.end(error, retry)
      return matching.length
    },
    count: () => connections.size,
    close() {
      for (const connection of [...connections.values()])
        connection.end(appError('SERVER_UNREACHABLE', { server: 'peer', reason: 'stopping' }), true)
    },
  }
}

function isRequest(message: unknown): message is ClientMessage {
  if (typeof message !== 'object' || message === null) return false
  return 'id' in message && typeof message.id === 'number' && 'op' in message && typeof message.op === 'string'
}
