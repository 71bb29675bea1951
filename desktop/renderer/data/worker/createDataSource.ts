import { BehaviorSubject } from 'rxjs'
import { thisComputerSchema, uplinkSchema, type Uplink } from '#shared/api/runtimeCalls.ts'
import { collectionNames, collections, type CollectionName } from '#shared/collections/collections.ts'
import { appError, type AppError } from '#shared/errors/appError.ts'
import type { JsonValue } from '#shared/json.ts'
import type { Result } from '#shared/result.ts'
import { archiveCutoff } from '#shared/rules/retention.ts'
import { createSyncClient, type SyncClient } from '#shared/sync/client.ts'
import { clientStates, type ClientState } from '#shared/sync/clientState.ts'
import { keepEvicting } from '#shared/sync/evictOld.ts'
import type { ClientChannel, HelloReply, SeriesReadReply } from '#shared/sync/protocol.ts'
import { replicationIdentifier } from '#shared/sync/replication.ts'
import type { Place, StorageKind } from '../messages.ts'
import { createPageLog, pageClock } from '../pageClock.ts'
import type { OpenedDatabase } from './browserDatabase.ts'
import { createCarryOver, ownerCollections } from './carryOver.ts'
import { createCatchUp } from './catchUp.ts'
import type { Database } from './database.ts'
import { createEdits, type Edits } from './edits.ts'
import { keepTrimmed } from './keepTrimmed.ts'
import { createListSource, type ListSource } from './lists.ts'
import type { Older } from './older.ts'
import { createPageStorage } from './pageStorage.ts'
import { startReplications } from './replications.ts'
import { createUnsent } from './unsent.ts'
import { within } from './within.ts'

export interface DataSourceOptions {
  open: () => Promise<ClientChannel>
  place: Place
  storage: StorageKind
  appVersion: string
  /** What this browser saw of the peer last time: its data can be shown before, or without, a connection. */
  remembered: HelloReply | null
  remember(hello: HelloReply): void
  /** A change of this page was not taken, or could not be kept. */
  onRefusal(error: AppError): void
  /** Whether nobody sees the page. */
  isHidden(): boolean
  /** When somebody last did something at the page, by the monotonic clock. */
  touchedAtMs(): number
}

/** What a page's data come from, see createDataSource. */
export interface DataSource extends Edits {
  connection: BehaviorSubject<ClientState>
  hello: BehaviorSubject<HelloReply | null>
  /** Beside a runtime: how that computer stands towards its gateway. */
  uplink: BehaviorSubject<Uplink | null>
  catchingUp: BehaviorSubject<number | null>
  /** Changes of this page that the peer has not answered yet, and whether they would be lost with the page. */
  unsent: BehaviorSubject<number>
  isKept(): boolean
  /** How far the peer's clock is before this one's. */
  offsetMs: BehaviorSubject<number>
  /** Of the database that is open now; null: none. */
  lists: BehaviorSubject<ListSource | null>
  call(name: string, input: JsonValue, timeoutMs?: number): Promise<Result<JsonValue>>
  seriesRead(series: string, from: number, limitBytes: number): Promise<Result<SeriesReadReply>>
  watch(topic: string, listener: (value: JsonValue) => void): () => void
  wake(): void
  start(): void
  stop(): Promise<void>
}

interface World {
  identity: string
  hello: HelloReply
  database: Database
  isAlone: OpenedDatabase['isAlone']
  /** Its storage no longer reads or writes. */
  hasFailed: boolean
  stop(): Promise<void>
}

/** What a storage that has failed gets to close. */
const closeWithinMs = 5_000

/**
 * Connects to the page's peer and keeps a database of it: made when the peer is known, made anew when another peer, owner or epoch answers,
 * kept while the line is down. Nothing needs a reload: a restarted peer is pulled from where the page stood.
 */
export function createDataSource(options: DataSourceOptions): DataSource {
  const log = createPageLog()
  const connection = new BehaviorSubject<ClientState>(clientStates.idle())
  const hello = new BehaviorSubject<HelloReply | null>(options.remembered)
  const uplink = new BehaviorSubject<Uplink | null>(null)
  const lists = new BehaviorSubject<ListSource | null>(null)
  const offsetMs = new BehaviorSubject(0)
  const catchUp = createCatchUp()
  /** Whole milliseconds, as every time in a document: the offset comes from a clock with fractions. */
  const peerNow = (): number => Math.round(Date.now() + offsetMs.value)
  const carryOver = createCarryOver()
  const unsent = createUnsent()
  let world: World | null = null
  const storage = createPageStorage(options.storage, storageFailed, (thrown) => {
    note('open', thrown)
    options.onRefusal(notKept(thrown))
  })
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
      offsetMs.next(sample.serverTimeMs - (Date.now() - (performance.now() - midway)))
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

  /** What is empty is known to be so when it was pulled, and is all there is to show while nobody can be asked. */
  const answers = {
    get: (name: CollectionName): boolean => catchUp.get(name) || ['offline', 'refused'].includes(client.state().name),
    onChange(listener: () => void) {
      const stops = [catchUp.onChange(listener), client.onState(listener)]
      return () => stops.forEach((stop) => stop())
    },
  }

  async function enter(reply: HelloReply, live: boolean): Promise<void> {
    const identity = replicationIdentifier(reply)
    if (world?.identity !== identity || world.hasFailed) {
      await carryFrom(world, reply)
      await leave()
      const { database, close, isAlone } = await storage.open(`pictor-${await nameOf(identity)}`)
      lists.next(createListSource(database, answers, older, options.place === 'gateway' ? null : () => archiveCutoff(peerNow())))
      world = begin({ identity, hello: reply, database, isAlone, hasFailed: false, stop: close })
    }
    if (live) catchUp.begin(reply.collections.filter((name): name is CollectionName => Object.hasOwn(collections, name)))
  }

  async function leave(): Promise<void> {
    const before = world
    world = null
    // What belongs to another server, owner or epoch must not be seen beside the new.
    lists.value?.stop()
    if (lists.value !== null) lists.next(null)
    if (before?.hasFailed === true) await within(before.stop(), closeWithinMs).catch((thrown: unknown) => note('close', thrown))
    else await before?.stop()
    catchUp.reset()
  }

  /** Said for everything that is read or written from now on. */
  function storageFailed(thrown: unknown): void {
    if (world === null || world.hasFailed) return
    world.hasFailed = true
    storage.failed(thrown)
    // Without a line there is nothing to begin anew with: the page keeps what it shows until there is one.
    if (client.state().name === 'live')
      inTurn(async () => {
        if (hello.value !== null) await enter(hello.value, client.state().name === 'live')
      })
  }

  /** Takes along what this owner changed, when a database of the same server and owner follows. */
  async function carryFrom(before: World | null, next: HelloReply): Promise<void> {
    if (before === null) return
    const isSame = (['serverId', 'ownerId', 'nodeId', 'isOwner'] as const).every((part) => before.hello[part] === next[part])
    if (!isSame) {
      unsent.clear()
      return carryOver.forget()
    }
    await within(carryOver.from(before.database), closeWithinMs).catch((thrown: unknown) => note('carry', thrown))
  }

  /** As soon as a collection is here again. */
  function carryInto(into: Database): () => void {
    return catchUp.onChange(() => {
      for (const name of ownerCollections)
        if (catchUp.get(name))
          carryOver.into(into, name).then(
            (ids) => ids !== null && unsent.begunAnew(name, ids),
            (thrown: unknown) => note('carry', thrown),
          )
    })
  }

  const note = (what: string, thrown: unknown): void => log.error('storage', { what, reason: reasonOf(thrown) })

  /** Opened again, a database that has outgrown its windows is trimmed. */
  async function renew(): Promise<void> {
    const reply = hello.value
    if (reply === null || world === null) return
    await leave()
    await enter(reply, client.state().name === 'live')
  }

  function begin(into: World): World {
    const end = startReplications({
      client,
      database: into.database,
      hello: into.hello,
      window: options.place === 'gateway',
      isHidden: () => options.isHidden(),
      onPulled: catchUp.pulled,
      onRefusal: (refusal) => options.onRefusal(refusal.error),
      onSending: (collection, ids) => unsent.sending(collection, ids),
    })
    const stopEvicting = keepEvicting({
      collections: into.database.collections,
      ...{ clock: pageClock, log, now: peerNow },
      isIdle: () => client.state().name === 'live',
    })
    const stopTrimming = keepTrimmed({
      ...{ database: into.database, isAlone: into.isAlone, clock: pageClock, log },
      isUntouched: (forMs) => options.isHidden() || performance.now() - options.touchedAtMs() > forMs,
      renew: () => inTurn(renew),
    })
    const stopCarrying = carryInto(into.database)
    return {
      ...into,
      stop: async () => {
        stopEvicting()
        stopTrimming()
        stopCarrying()
        // A storage that has failed fails here too; what is open must be closed all the same, or it would be found again, dead.
        await end().finally(() => into.stop())
      },
    }
  }

  const inTurn = (step: () => Promise<void>): void => {
    turn = turn.then(step).catch((thrown: unknown) => {
      log.error('data', { reason: String(thrown) })
      if (world !== null) return
      // Without a database nothing is shown, for ever: the page must hear of it, as of everything that nobody here catches.
      setTimeout(() => {
        throw thrown instanceof Error ? thrown : new Error(String(thrown))
      })
    })
  }

  async function readUplink(): Promise<void> {
    const reply = await client.call('computer.get', {})
    const computer = reply.ok ? thisComputerSchema.safeParse(reply.value) : null
    if (computer?.success === true) uplink.next(computer.data.uplink)
  }

  client.onState((state) => {
    connection.next(state)
    if (state.name !== 'live') return
    hello.next(state.hello)
    options.remember(state.hello)
    inTurn(() => enter(state.hello, true))
    if (options.place === 'runtime') void readUplink()
  })
  client.watch('uplink', (value) => {
    const parsed = uplinkSchema.safeParse(value)
    if (parsed.success) uplink.next(parsed.data)
  })

  const edits = createEdits({
    current: () => world,
    settled: () => turn,
    isLive: () => client.state().name === 'live',
    whenPulled: (name) => catchUp.whenPulled(name),
    onEdited: (name, id) => unsent.edited(name, id),
    onLost: (thrown) => options.onRefusal(notKept(thrown)),
    now: peerNow,
  })

  return {
    ...{ connection, hello, uplink, catchingUp: catchUp.count, unsent: unsent.count, offsetMs, lists },
    isKept: () => storage.isKept(),
    call: (name, input, timeoutMs) => client.call(name, input, timeoutMs),
    seriesRead: (series, from, limitBytes) => client.seriesRead({ series, from, limitBytes }),
    watch: (topic, listener) => client.watch(topic, listener),
    ...edits,
    wake: () => client.wake(),
    start() {
      if (options.remembered) inTurn(() => enter(options.remembered as HelloReply, false))
      client.start()
    },
    async stop() {
      client.stop()
      await turn
      await leave()
    },
  }
}

const reasonOf = (thrown: unknown): string => (thrown instanceof Error ? `${thrown.name}: ${thrown.message}`.slice(0, 200) : String(thrown))

const notKept = (thrown: unknown): AppError => appError('BROWSER_STORAGE_FAILED', { reason: reasonOf(thrown) })

/** Database names are short and safe; the identity is neither. */
async function nameOf(identity: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(identity))
  return [...new Uint8Array(digest).slice(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
