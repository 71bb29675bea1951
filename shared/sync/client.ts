import { durations } from '../durations.ts'
import { appError, toAppError, type AppError } from '../errors/appError.ts'
import type { JsonValue } from '../json.ts'
import type { Clock, Logger } from '../log.ts'
import { err, type Result } from '../result.ts'
import { createBackoff } from './backoff.ts'
import { clientStates, refusalKind, type ClientState } from './clientState.ts'
import { createConnection, type Connection, type ServerTimeSample } from './connection.ts'
import {
  protocolVersion,
  type ClientChannel,
  type EventMessage,
  type HelloPayload,
  type HelloReply,
  type Operation,
  type Operations,
} from './protocol.ts'
import { createTopics } from './topics.ts'

export interface SyncClientOptions {
  /** Makes a channel to the peer; rejects (best with AppErrorException) when that fails. */
  open: () => Promise<ClientChannel>
  hello: Pick<HelloPayload, 'clientKind' | 'clientVersion' | 'schemaVersions'>
  clock: Clock
  /** 0 ≤ n < 1 */
  random: () => number
  log: Logger
  /** Samples of the peer's clock, from hello and pings. */
  onServerTime?: (sample: ServerTimeSample) => void
}

/**
 * A client of the sync protocol: one live connection that is kept, lost and made anew by itself. Nothing here rejects or throws:
 * without a connection a request answers SERVER_UNREACHABLE at once. See clientState.ts for the states.
 */
export interface SyncClient {
  start: () => void
  /** For good. Safe to call twice. */
  stop: () => void
  state: () => ClientState
  /** Called at each change of state. Returns its own unsubscribe. */
  onState: (listener: (state: ClientState) => void) => () => void
  /** Every event of the live connection. Returns its own unsubscribe. */
  onEvent: (listener: (event: EventMessage) => void) => () => void
  /** Try now: the network came back, the computer woke up, somebody signed in. A live connection is checked. */
  wake: () => void
  /** Drops the connection and makes a new one, e.g. with a new credential. */
  reconnect: () => void
  request: <Op extends Operation>(
    op: Op,
    payload: Operations[Op]['payload'],
    timeoutMs?: number,
  ) => Promise<Result<Operations[Op]['reply']>>
  call: (name: string, input: JsonValue, timeoutMs?: number) => Promise<Result<JsonValue>>
  pull: (payload: Operations['pull']['payload']) => Promise<Result<Operations['pull']['reply']>>
  push: (payload: Operations['push']['payload']) => Promise<Result<Operations['push']['reply']>>
  seriesAppend: (payload: Operations['seriesAppend']['payload']) => Promise<Result<Operations['seriesAppend']['reply']>>
  seriesRead: (payload: Operations['seriesRead']['payload']) => Promise<Result<Operations['seriesRead']['reply']>>
  /** Live values of a topic, across reconnects, until the returned function is called. */
  watch: (topic: string, listener: (value: JsonValue) => void) => () => void
  /** Tells a hot value upwards; lost when there is no connection. */
  sendLive: (topic: string, value: JsonValue) => void
}

export function createSyncClient({ open, hello, clock, random, log, onServerTime }: SyncClientOptions): SyncClient {
  const stateListeners = new Set<(state: ClientState) => void>()
  const eventListeners = new Set<(event: EventMessage) => void>()
  const backoff = createBackoff({ minMs: durations.reconnectMinMs, maxMs: durations.reconnectMaxMs, random })
  // A refusal may be a slip of something on the way: asked again soon at first, then ever more rarely.
  const refusedBackoff = createBackoff({ minMs: durations.refusedRetryMinMs, maxMs: durations.refusedRetryMs, random })
  let state: ClientState = clientStates.idle()
  let connection: Connection | null = null
  let cancelRetry: (() => void) | null = null
  /** Counts attempts, so that a channel that opens too late is recognised. */
  let attempt = 0

  const topics = createTopics((topic, on) => {
    if (state.name === 'live') tellWatch(topic, on)
  })
  function tellWatch(topic: string, on: boolean): void {
    void connection?.requests.request('watch', { topic, on }).then((reply) => {
      if (!reply.ok && reply.error.code !== 'SERVER_UNREACHABLE') log.warn('watch refused', { topic, code: reply.error.code })
    })
  }

  function setState(next: ClientState): void {
    state = next
    for (const listener of [...stateListeners]) listener(next)
  }

  function connect(): void {
    cancelRetry?.()
    cancelRetry = null
    const mine = ++attempt
    setState(clientStates.connecting(clock.now()))
    const cancelTimeout = clock.after(durations.connectTimeoutMs, () => {
      if (mine === attempt) failed(appError('TIMED_OUT', { what: 'connecting', seconds: durations.connectTimeoutMs / 1_000 }), null)
    })
    open().then(
      (channel) => {
        cancelTimeout()
        if (mine !== attempt) channel.close('too late')
        else greet(channel, mine)
      },
      (thrown: unknown) => {
        cancelTimeout()
        if (mine === attempt) failed(toAppError(thrown), null)
      },
    )
  }

  function greet(channel: ClientChannel, mine: number): void {
    const made = createConnection({
      channel,
      clock,
      onServerTime: (sample) => onServerTime?.(sample),
      onEvent: (event) => {
        // What changed before hello was answered is found by the pull that follows it. Handing it on would move checkpoints past the gap.
        if (mine !== attempt || state.name !== 'live') return
        if (event.event === 'live') topics.emit(event.topic, event.value)
        for (const listener of [...eventListeners]) listener(event)
      },
      onLost: (error, retry) => {
        if (mine === attempt) failed(error, retry)
      },
    })
    connection = made
    const sentAtMs = clock.monotonicMs()
    const payload: HelloPayload = { ...hello, protocol: protocolVersion, clientTime: clock.now() }
    void made.requests.request('hello', payload, durations.connectTimeoutMs).then((reply) => {
      if (mine !== attempt) return
      if (!reply.ok) made.close(reply.error)
      else {
        onServerTime?.({ serverTimeMs: reply.value.serverTimeMs, sentAtMs, receivedAtMs: clock.monotonicMs() })
        welcome(reply.value, made)
      }
    })
  }

  function welcome(reply: HelloReply, made: Connection): void {
    if (reply.protocol < protocolVersion - 1)
      return made.close(appError('PROTOCOL_TOO_NEW', { ours: protocolVersion, theirs: reply.protocol }))
    if (reply.protocol > protocolVersion + 1)
      return made.close(appError('PROTOCOL_TOO_OLD', { ours: protocolVersion, theirs: reply.protocol }))
    backoff.reset()
    refusedBackoff.reset()
    made.watchPeer()
    setState(clientStates.live(clock.now(), reply))
    for (const topic of topics.names()) tellWatch(topic, true)
  }

  /** The attempt or the connection is over: decide when to come back. */
  function failed(error: AppError, retry: boolean | null): void {
    attempt += 1
    const over = connection
    connection = null
    over?.close(error)
    if (state.name === 'stopped') return
    const kind = retry === true ? null : (refusalKind(error) ?? (retry === false ? 'rarely' : null))
    const now = clock.now()
    if (kind === 'never') return setState(clientStates.refused(now, error, null))
    const delayMs = kind === 'rarely' ? refusedBackoff.nextMs() : backoff.nextMs()
    cancelRetry = clock.after(delayMs, connect)
    setState(kind === 'rarely' ? clientStates.refused(now, error, now + delayMs) : clientStates.offline(now, error, now + delayMs))
  }

  function wake(): void {
    if (state.name === 'live') connection?.probe(durations.wakePongTimeoutMs)
    else if (state.name === 'offline' || state.name === 'refused') connect()
  }
  const request: SyncClient['request'] = async (op, payload, timeoutMs) => {
    if (state.name !== 'live' || connection === null) return err(appError('SERVER_UNREACHABLE', { server: 'peer', reason: state.name }))
    return connection.requests.request(op, payload, timeoutMs)
  }
  return {
    start() {
      if (state.name === 'idle') connect()
    },
    stop() {
      if (state.name === 'stopped') return
      cancelRetry?.()
      cancelRetry = null
      attempt += 1
      const over = connection
      connection = null
      setState(clientStates.stopped())
      over?.close(appError('CANCELLED'))
    },
    state: () => state,
    onState: (listener) => subscribe(stateListeners, listener),
    onEvent: (listener) => subscribe(eventListeners, listener),
    wake,
    reconnect() {
      if (state.name === 'live' || state.name === 'connecting') {
        attempt += 1
        const over = connection
        connection = null
        connect()
        over?.close(appError('CANCELLED'))
      } else wake()
    },
    request,
    call: (name, input, timeoutMs) => request('call', { name, input }, timeoutMs),
    pull: (payload) => request('pull', payload),
    push: (payload) => request('push', payload),
    seriesAppend: (payload) => request('seriesAppend', payload),
    seriesRead: (payload) => request('seriesRead', payload),
    watch: (topic, listener) => topics.watch(topic, listener),
    sendLive(topic, value) {
      void request('live', { topic, value })
    },
  }
}

function subscribe<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}
