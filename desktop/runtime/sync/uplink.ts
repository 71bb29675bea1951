import type { Uplink as UplinkStatus } from '#shared/api/runtimeCalls.ts'
import { collectionNames, collections } from '#shared/collections/collections.ts'
import type { GatewayCallName, GatewayInput, GatewayOutput } from '#shared/api/gatewayCalls.ts'
import { durations } from '#shared/durations.ts'
import { AppErrorException, appError } from '#shared/errors/appError.ts'
import type { JsonValue } from '#shared/json.ts'
import type { Logger } from '#shared/log.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { createSyncClient, type SyncClient } from '#shared/sync/client.ts'
import type { ServerTimeSample } from '#shared/sync/connection.ts'
import type { ClientChannel } from '#shared/sync/protocol.ts'
import type { LocalDatabase } from '../database/localDatabase.ts'
import type { RuntimeDatabase } from '../database/openDatabase.ts'
import type { RefusedVersions } from '../database/refusedVersions.ts'
import { openHttpChannel } from './httpChannel.ts'
import { createReplicateAll } from './replicateAll.ts'
import { createSessionTokens, type SessionTokensOptions, type UplinkIdentity } from './sessionTokens.ts'
import { createWaitingDocuments } from './waitingDocuments.ts'
import { openWebSocketChannel } from './webSocketChannel.ts'

export interface UplinkOptions extends Omit<SessionTokensOptions, 'identity'> {
  /** null, or one without a server address: this computer works for itself. */
  identity: UplinkIdentity | null
  database: RuntimeDatabase
  local: LocalDatabase
  refused: RefusedVersions
  appVersion: string
  random: () => number
  log: Logger
  onServerTime: (sample: ServerTimeSample) => void
}

/** The runtime as client of its gateway: the connection, the replications over it, calls, and how it all stands. */
export interface Uplink {
  start: () => Promise<void>
  stop: () => Promise<void>
  client: SyncClient
  status: () => UplinkStatus
  /** Called with every change. Returns its own unsubscribe. */
  onStatus: (listener: (status: UplinkStatus) => void) => () => void
  setFramesWaiting: (count: number) => void
  /** Try now: the network is back, the computer woke up. */
  wake: () => void
  /** The owner of this computer signed in or out: the session and what it may see change. */
  credentialChanged: () => void
  /** Where files are and the header that opens them. */
  access: () => Promise<Result<{ serverUrl: string; token: string }>>
  call: <Name extends GatewayCallName>(name: Name, input: GatewayInput<Name>) => Promise<Result<GatewayOutput<Name>>>
  isLive: () => boolean
  onLive: (listener: (live: boolean) => void) => () => void
  watch: (topic: string, listener: (value: JsonValue) => void) => () => void
  sendLive: (topic: string, value: JsonValue) => void
}

/** So often in a row may only the WebSocket fail, before plain HTTP is tried. */
const webSocketTries = 3
/** Longer without a line, replications are ended: while they wait, RxDB keeps what changes in memory. */
const keepReplicationsMs = 60_000
const rememberEveryMs = 60_000

export function createUplink(options: UplinkOptions): Uplink {
  const { database, local, refused, clock, log } = options
  const identity = options.identity === null || options.identity.serverUrl === '' ? null : options.identity
  const tokens = identity === null ? null : createSessionTokens({ ...options, identity })
  const statusListeners = new Set<(status: UplinkStatus) => void>()
  const liveListeners = new Set<(live: boolean) => void>()
  const cancels = { renew: nothing, end: nothing, remember: nothing }
  let framesWaiting = 0
  let webSocketFailures = 0
  let wasLive = false
  let remembered = false
  let status: UplinkStatus = {
    state: identity === null ? 'local' : 'connecting',
    since: clock.now(),
    serverUrl: identity?.serverUrl ?? null,
    error: null,
    framesWaiting: 0,
    documentsWaiting: 0,
  }

  const client = createSyncClient({
    open,
    hello: {
      clientKind: 'node',
      clientVersion: options.appVersion,
      schemaVersions: Object.fromEntries(collectionNames.map((name) => [name, collections[name].schemaVersion])),
    },
    clock,
    random: options.random,
    log,
    onServerTime: options.onServerTime,
  })
  const waiting = createWaitingDocuments(database, local, () => Date.now(), refresh)
  const replications = createReplicateAll({
    client,
    database,
    local,
    refused,
    log,
    onActive: (collection, active) => {
      if (!active && replications.isSynced() && client.state().name === 'live') waiting.allSent(collection)
      if (!remembered && replications.isSynced()) {
        // From now on a restart knows what is out, however this run ends.
        remembered = true
        waiting.remember()
      }
      refresh()
    },
  })

  async function open(): Promise<ClientChannel> {
    if (identity === null || tokens === null) throw new AppErrorException(appError('SERVER_UNREACHABLE', { server: '-', reason: 'none' }))
    const session = await tokens.get()
    if (!session.ok) throw new AppErrorException(session.error)
    try {
      return await connect(session.value.token)
    } catch (thrown) {
      // The gateway forgot or revoked this session; the key may still be good, and says so at once.
      if (!(thrown instanceof AppErrorException) || thrown.error.code !== 'NOT_SIGNED_IN') throw thrown
      tokens.drop()
      const again = await tokens.get()
      if (!again.ok) throw new AppErrorException(again.error)
      return connect(again.value.token)
    }
  }
  async function connect(token: string): Promise<ClientChannel> {
    const serverUrl = identity?.serverUrl ?? ''
    const headers = { authorization: `Bearer ${token}` }
    if (webSocketFailures >= webSocketTries) {
      // Signing in works and the WebSocket does not: something on the way blocks it. The next time it gets its chance again.
      webSocketFailures = 0
      return openHttpChannel({ serverUrl, headers })
    }
    const url = new URL('/sync/live', serverUrl)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    webSocketFailures += 1
    const channel = await openWebSocketChannel({ url: url.href, headers })
    webSocketFailures = 0
    return channel
  }

  function onClientState(): void {
    const state = client.state()
    const live = state.name === 'live'
    if (live !== wasLive) {
      wasLive = live
      for (const listener of [...liveListeners]) listener(live)
    }
    if (live) {
      cancels.end()
      cancels.end = nothing
      void replications.begin(state.hello)
      void tokens?.get().then((session) => {
        cancels.renew()
        if (session.ok && client.state().name === 'live')
          cancels.renew = clock.after(Math.max(1_000, session.value.renewAtMs - clock.monotonicMs()), () => client.reconnect())
      })
    } else if (cancels.end === nothing && state.name !== 'stopped') {
      cancels.end = clock.after(keepReplicationsMs, () => void replications.end().then(refresh))
    }
    refresh()
  }

  function refresh(): void {
    const next: UplinkStatus = { ...status, framesWaiting, documentsWaiting: waiting.count(), ...stateAndError() }
    if (next.state !== status.state) next.since = clock.now()
    if (JSON.stringify(next) === JSON.stringify(status)) return
    status = next
    for (const listener of [...statusListeners]) listener(next)
  }
  function stateAndError(): Pick<UplinkStatus, 'state' | 'error'> {
    if (identity === null) return { state: 'local', error: null }
    const state = client.state()
    switch (state.name) {
      case 'live':
        return { state: replications.isSynced() ? 'live' : 'catchingUp', error: null }
      case 'offline':
        return { state: 'offline', error: { ...state.error } }
      case 'refused':
        return { state: state.error.code === 'PROTOCOL_TOO_OLD' ? 'updateNeeded' : 'refused', error: { ...state.error } }
      case 'connecting':
        // While it tries again, what was said last stays on screen.
        return { state: status.state === 'live' || status.state === 'catchingUp' ? 'connecting' : status.state, error: status.error }
      case 'idle':
      case 'stopped':
        return { state: 'connecting', error: null }
    }
  }
  function rememberSoon(): void {
    cancels.remember = clock.after(rememberEveryMs, () => {
      waiting.remember()
      rememberSoon()
    })
  }

  return {
    async start() {
      await waiting.start()
      if (identity === null) return
      client.onState(onClientState)
      client.start()
      rememberSoon()
    },
    async stop() {
      for (const cancel of Object.values(cancels)) cancel()
      client.stop()
      await replications.end()
      waiting.remember()
      waiting.stop()
    },
    client,
    status: () => status,
    onStatus: (listener) => subscribe(statusListeners, listener),
    setFramesWaiting(count) {
      framesWaiting = count
      refresh()
    },
    wake: client.wake,
    credentialChanged() {
      tokens?.drop()
      client.reconnect()
    },
    async access() {
      if (identity === null || tokens === null) return err(appError('SERVER_UNREACHABLE', { server: '-', reason: 'no gateway is set up' }))
      const session = await tokens.get()
      return session.ok ? ok({ serverUrl: identity.serverUrl, token: session.value.token }) : session
    },
    // Safe: the gateway parses the input and answers with the call's output; versions only add fields.
    call: (name, input) => client.call(name, input as JsonValue, durations.requestTimeoutMs) as Promise<Result<never>>,
    isLive: () => client.state().name === 'live',
    onLive: (listener) => subscribe(liveListeners, listener),
    watch: client.watch,
    sendLive: client.sendLive,
  }
}

function nothing(): void {}

function subscribe<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}
