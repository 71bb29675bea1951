import { shallowRef } from 'vue'
import { thisComputerSchema, uplinkSchema, type Uplink } from '#shared/api/runtimeCalls.ts'
import { collectionNames, collections, type CollectionName, type Documents } from '#shared/collections/collections.ts'
import type { AppError } from '#shared/errors/appError.ts'
import { archiveCutoff } from '#shared/rules/retention.ts'
import { stampFields } from '#shared/rules/fieldMerge.ts'
import { createSyncClient, type SyncClient } from '#shared/sync/client.ts'
import type { ClientState } from '#shared/sync/clientState.ts'
import type { ClientChannel, HelloReply } from '#shared/sync/protocol.ts'
import { keepEvicting } from '#shared/sync/evictOld.ts'
import { replicationIdentifier } from '#shared/sync/replication.ts'
import { createCatchUp } from './catchUp.ts'
import { openBrowserDatabase, type OpenedDatabase } from './browserDatabase.ts'
import { openDatabase, type Database, type StorageKind } from './database.ts'
import type { DataLink, Place } from './dataLink.ts'
import { keepTrimmed } from './keepTrimmed.ts'
import { createLists } from './lists.ts'
import type { Older } from './older.ts'
import { createPageLog, pageClock } from './pageClock.ts'
import { startReplications } from './replications.ts'

export interface DataLinkOptions {
  open: () => Promise<ClientChannel>
  place: Place
  storage: StorageKind
  appVersion: string
  /** What this browser saw of the peer last time: its data can be shown before, or without, a connection. */
  remembered: HelloReply | null
  remember(hello: HelloReply): void
  /** A change of this page was not taken. */
  onRefusal(error: AppError): void
}

const touches = ['pointerdown', 'keydown', 'wheel'] as const

interface World {
  identity: string
  database: Database
  isAlone: OpenedDatabase['isAlone']
  stop(): Promise<void>
}

/**
 * Connects the page to its peer and keeps a database of it: made when the peer is known, made anew when another peer, owner or epoch
 * answers, kept while the line is down. Nothing needs a reload: a restarted peer is pulled from where the page stood.
 */
export function createDataLink(options: DataLinkOptions): DataLink & { start(): void; stop(): Promise<void> } {
  const log = createPageLog()
  const connection = shallowRef<ClientState>({ name: 'idle' })
  const hello = shallowRef<HelloReply | null>(options.remembered)
  const uplink = shallowRef<Uplink | null>(null)
  const lists = shallowRef<DataLink['lists']['value']>(null)
  const catchUp = createCatchUp()
  let offsetMs = 0
  /** Whole milliseconds, as every time in a document: the offset comes from a clock with fractions. */
  const peerNow = (): number => Math.round(Date.now() + offsetMs)
  /** Tells this page's edits from those of another page of the same owner at the same instant. */
  const writer = `page-${crypto.randomUUID().slice(0, 8)}`
  let world: World | null = null
  /** When somebody last did something at the page. */
  let touchedAtMs = 0
  const touch = (): void => void (touchedAtMs = performance.now())
  /** Changes of world happen one after the other. */
  let turn: Promise<void> = Promise.resolve()

  const client: SyncClient = createSyncClient({
    open: options.open,
    hello: {
      clientKind: 'dashboard',
      clientVersion: options.appVersion,
      schemaVersions: Object.fromEntries(collectionNames.map((name) => [name, collections[name].schemaVersion])),
    },
    clock: pageClock,
    random: Math.random,
    log,
    onServerTime: (sample) => {
      const midway = (sample.sentAtMs + sample.receivedAtMs) / 2
      offsetMs = sample.serverTimeMs - (Date.now() - (performance.now() - midway))
    },
  })

  /** Beside a runtime only what it has forgotten: the owner's session there goes on to the gateway. */
  const older: Older = {
    async page(input) {
      // The contract's input is JSON; the peer parses what it is given.
      const reply = await client.call('documents.page', input as never)
      // A server that does not know the call gave everything when it was pulled.
      return reply.ok ? (reply.value as unknown as Awaited<ReturnType<Older['page']>>) : null
    },
    onLive: (listener) =>
      client.onState((state) => {
        if (state.name === 'live') listener()
      }),
  }

  async function enter(reply: HelloReply, live: boolean): Promise<void> {
    const identity = replicationIdentifier(reply)
    if (world?.identity !== identity) {
      await leave()
      const { database, close, isAlone } = await open(`pictor-${await nameOf(identity)}`, options.storage)
      lists.value = createLists(database, catchUp, older, options.place === 'gateway' ? null : () => archiveCutoff(peerNow()))
      world = { identity, database, isAlone, stop: close }
      world = begin(world, reply)
    }
    if (live) catchUp.begin(reply.collections.filter((name): name is CollectionName => Object.hasOwn(collections, name)))
  }

  async function leave(): Promise<void> {
    const before = world
    world = null
    // What belongs to another server, owner or epoch must not be seen beside the new.
    lists.value?.stop()
    lists.value = null
    await before?.stop()
    catchUp.reset()
  }

  /** Opened again, a database that has outgrown its windows is trimmed. */
  async function renew(): Promise<void> {
    const reply = hello.value
    if (reply === null || world === null) return
    await leave()
    await enter(reply, client.state().name === 'live')
  }

  function begin(into: World, reply: HelloReply): World {
    const end = startReplications({
      client,
      database: into.database,
      hello: reply,
      window: options.place === 'gateway',
      onPulled: catchUp.pulled,
      onRefusal: (refusal) => options.onRefusal(refusal.error),
    })
    const stopEvicting = keepEvicting({
      collections: into.database.collections,
      ...{ clock: pageClock, log, now: peerNow },
      isIdle: () => client.state().name === 'live',
    })
    const stopTrimming = keepTrimmed({
      ...{ database: into.database, isAlone: into.isAlone, clock: pageClock, log },
      isUntouched: (forMs) => document.visibilityState === 'hidden' || performance.now() - touchedAtMs > forMs,
      renew: () => inTurn(renew),
    })
    return {
      ...into,
      stop: async () => {
        stopEvicting()
        stopTrimming()
        await end()
        await into.stop()
      },
    }
  }

  const inTurn = (step: () => Promise<void>): void => {
    turn = turn.then(step).catch((error: unknown) => log.error('data', { reason: String(error) }))
  }

  async function readUplink(): Promise<void> {
    const reply = await client.call('computer.get', {})
    const computer = reply.ok ? thisComputerSchema.safeParse(reply.value) : null
    if (computer?.success === true) uplink.value = computer.data.uplink
  }

  client.onState((state) => {
    connection.value = state
    if (state.name !== 'live') return
    hello.value = state.hello
    options.remember(state.hello)
    inTurn(() => enter(state.hello, true))
    if (options.place === 'runtime') void readUplink()
  })
  client.watch('uplink', (value) => {
    const parsed = uplinkSchema.safeParse(value)
    if (parsed.success) uplink.value = parsed.data
  })
  const wake = (): void => client.wake()
  const look = (): void => {
    if (document.visibilityState === 'visible') client.wake()
  }

  return {
    place: options.place,
    connection,
    hello,
    uplink,
    catchingUp: catchUp.count,
    lists,
    peerNow,
    // The contract's input and output types are JSON; the peer parses what it is given.
    call: (name, input, timeoutMs) => client.call(name, input as never, timeoutMs) as never,
    seriesRead: (series, from, limitBytes) => client.seriesRead({ series, from, limitBytes }),
    watch: (topic, listener) => client.watch(topic, listener),
    async edit(name, id, changes) {
      const found = await world?.database.collections[name].findOne(id).exec()
      if (!found) return
      type Editable = Documents[typeof name]
      await found.incrementalModify((document: Editable) => {
        const next = typeof changes === 'function' ? changes(document) : changes
        return collections[name].mergesFields
          ? stampFields(document, next, { now: peerNow }, writer)
          : { ...document, ...next, updatedAt: peerNow() }
      })
    },
    wake,
    start() {
      if (options.remembered) inTurn(() => enter(options.remembered as HelloReply, false))
      client.start()
      window.addEventListener('online', wake)
      document.addEventListener('visibilitychange', look)
      for (const name of touches) document.addEventListener(name, touch, { passive: true, capture: true })
    },
    async stop() {
      window.removeEventListener('online', wake)
      document.removeEventListener('visibilitychange', look)
      for (const name of touches) document.removeEventListener(name, touch, { capture: true })
      client.stop()
      await turn
      lists.value?.stop()
      await world?.stop()
    },
  }
}

async function open(name: string, storage: StorageKind): Promise<OpenedDatabase> {
  if (storage === 'browser') return openBrowserDatabase(name)
  const database = await openDatabase(name, storage)
  // RxDB keeps what a memory database held until it is removed. Its windows are kept by the peer.
  return { database, close: async () => void (await database.remove()), isAlone: () => Promise.resolve(false) }
}

/** Database names are short and safe; the identity is neither. */
async function nameOf(identity: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(identity))
  return [...new Uint8Array(digest).slice(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
