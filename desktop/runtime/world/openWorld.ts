import { createHash, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { JsonValue } from '#shared/json.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { nodeTopic, type LiveNode } from '#shared/sync/live.ts'
import { askServer } from '../config/askServer.ts'
import type { World } from '../config/worlds.ts'
import { openLocalDatabase, type LocalDatabase } from '../database/localDatabase.ts'
import { openDatabase, type RuntimeDatabase } from '../database/openDatabase.ts'
import { openRefusedVersions, type RefusedVersions } from '../database/refusedVersions.ts'
import type { Engine } from '../engines/engine.ts'
import { createHolds, type Holds } from '../node/holds.ts'
import { freeBytes, freeMiB, type Inventory } from '../node/inventory.ts'
import { openPauses, type Pauses } from '../node/pauses.ts'
import { createServerClock, type ServerClock } from '../node/serverClock.ts'
import type { Software } from '../node/software.ts'
import type { UncleanStop } from '../node/uncleanStop.ts'
import { openLocalSeries, type LocalSeries } from '../series/localSeries.ts'
import { createSeriesShipper } from '../series/shipper.ts'
import { getRxStorageNodeSqlite } from '../storage/sqlite/index.ts'
import { createUplink, type Uplink } from '../sync/uplink.ts'
import type { VerifyFrame } from '../tasks/results/keepFrame.ts'
import { startTaskRunner, type TaskRunner } from '../tasks/taskRunner.ts'
import { startWorkBuffer } from '../tasks/workBuffer.ts'
import { startTelemetry, type Telemetry } from '../telemetry/telemetry.ts'
import { watchDisk } from './watchDisk.ts'
import { keepClean } from './keepClean.ts'
import { keepNode } from './keepNode.ts'
import { rxDocuments } from './rxDocuments.ts'
import { wantedWork } from './wantedWork.ts'

export interface WorldOptions {
  world: World
  /** The owner's token, where this world's owner signed in at this computer. */
  ownerToken: () => string | null
  engine: Engine
  verify: VerifyFrame
  software: Software
  inventory: Inventory
  appVersion: string
  containmentLevel: string
  unclean: UncleanStop | null
  clock: Clock
  log: Logger
  /** Work began (true) or all of it ended. */
  onWorking: (working: boolean) => void
  /** For whoever watches this computer from its own page. */
  publish: (topic: string, value: JsonValue) => void
}

/** Everything that belongs to one owner on one server, running. */
export interface OpenWorld {
  world: World
  local: LocalDatabase
  database: RuntimeDatabase
  refused: RefusedVersions
  series: LocalSeries
  uplink: Uplink
  runner: TaskRunner
  pauses: Pauses
  holds: Holds
  serverClock: ServerClock
  telemetry: Telemetry
  newestLive(): LiveNode | null
  /** Stops in reverse order of starting. Everything that was acknowledged is on disk. */
  stop(): Promise<void>
}

const offsetFact = 'serverClockOffsetMs'

/** Opens a world's database and starts what works in it. Rejects with AppErrorException (STORE_CORRUPT, DATA_FOLDER_…); nothing runs then. */
export async function openWorld(options: WorldOptions): Promise<OpenWorld> {
  const { world, clock, log, software } = options
  const { folder, identity } = world
  const { nodeId, ownerId } = identity
  const stops: Array<() => unknown> = []
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) {
      try {
        await one()
      } catch (error) {
        log.error('a part did not stop as it should', { reason: String(error) })
      }
    }
  }
  try {
    const local = openLocalDatabase(folder)
    stops.push(() => local.close())
    const storage = getRxStorageNodeSqlite({ databasePath: join(folder, 'documents.sqlite') })
    const database = await openDatabase({ name: databaseName(world.name), storage, local, now: () => clock.now() })
    stops.push(() => database.close())
    const refused = openRefusedVersions(local, () => clock.now())

    const serverClock = createServerClock(clock, Number(local.readFact(offsetFact) ?? 0))
    stops.push(serverClock.onSample(() => rememberOffset(local, serverClock)))
    const serverNow = () => serverClock.now()
    const holds = createHolds({ clock, serverNow })
    stops.push(() => holds.stop())
    const pauses = openPauses({ local, clock, serverNow })
    stops.push(() => pauses.stop())

    const uplink = createUplink({
      identity,
      database,
      local,
      refused,
      appVersion: options.appVersion,
      instanceId: randomUUID(),
      ownerToken: options.ownerToken,
      ask: askServer,
      clock,
      random: Math.random,
      log: log.child('uplink'),
      onServerTime: (sample) => serverClock.sample(sample),
    })
    const series = openLocalSeries(join(folder, 'series'), local, () => clock.now(), log)
    stops.push(() => series.close())
    const shipper = createSeriesShipper({ series, client: uplink.client, clock, log })

    const runner = await startTaskRunner({
      folder,
      nodeId,
      tasks: rxDocuments(database.collections.tasks),
      runs: rxDocuments(database.collections.runs),
      gateway: uplink,
      engine: options.engine,
      verify: options.verify,
      devices: () => software.devices(),
      pause: () => pauses.current(),
      holds,
      serverClock,
      clock,
      log: log.child('tasks'),
      appendLog: (taskId, line) => series.append(`log/${taskId}`, `${line}\n`),
      freeBytes: () => freeBytes(folder),
    })
    stops.push(() => runner.stop())
    stops.push(
      holds.onChange(() => runner.wake()),
      pauses.onChange(() => runner.wake()),
      software.onChange(() => runner.wake()),
    )
    stops.push(watchDisk({ holds, clock, freeBytes: () => freeBytes(folder) }))

    const workers = rxDocuments(database.collections.workers)
    pauses.setWanted(await workers.get(nodeId))
    let bufferMs = (await workers.get(nodeId))?.wanted.workBufferMs
    stops.push(
      workers.onChange((worker) => {
        if (worker.id !== nodeId) return
        bufferMs = worker.wanted.workBufferMs
        pauses.setWanted(worker)
      }),
    )

    const telemetry = startTelemetry({
      nodeId: () => nodeId,
      tasks: () => runner.live(),
      diskFreeMiB: () => freeMiB(folder),
      publish: (value) => {
        // Safe: made of numbers, strings and nulls only.
        const json = value as unknown as JsonValue
        options.publish(nodeTopic(nodeId), json)
        if (uplink.isLive()) uplink.sendLive(nodeTopic(nodeId), json)
      },
      serverNow,
      clock,
      log,
    })
    stops.push(() => telemetry.stop())

    const buffer = startWorkBuffer({
      nodeId,
      gateway: uplink,
      clock,
      log: log.child('buffer'),
      wanted: () => wantedWork({ runner, software, holds, pause: pauses.current(), bufferMs, inventory: options.inventory }),
    })
    stops.push(() => buffer.stop())
    stops.push(
      runner.onChange(() => buffer.wake()),
      software.onChange(() => buffer.wake()),
      holds.onChange(() => buffer.wake()),
      pauses.onChange(() => buffer.wake()),
    )

    const node = await keepNode({
      ...options,
      nodeId,
      ownerId,
      nodes: rxDocuments(database.collections.nodes),
      runner,
      holds,
      pauses,
      serverClock,
    })
    stops.push(() => node.stop())
    stops.push(
      runner.onChange(() => {
        uplink.setFramesWaiting(runner.summary().framesWaitingToUpload)
        telemetry.wake()
      }),
    )
    stops.push(keepClean({ runner, folder, series, clock, log, get: (id) => rxDocuments(database.collections.runs).get(id) }))

    shipper.start()
    stops.push(() => shipper.stop())
    await uplink.start()
    stops.push(() => uplink.stop())
    log.info('world open', { world: world.name, nodeId, serverUrl: identity.serverUrl })
    return {
      world,
      local,
      database,
      refused,
      series,
      uplink,
      runner,
      pauses,
      holds,
      serverClock,
      telemetry,
      newestLive: () => telemetry.newest(),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** RxDB allows few characters in names. */
const databaseName = (world: string) => `world-${createHash('sha256').update(world).digest('hex').slice(0, 16)}`

function rememberOffset(local: LocalDatabase, serverClock: ServerClock): void {
  const offset = serverClock.wallOffsetMs() ?? 0
  const known = Number(local.readFact(offsetFact) ?? 0)
  // Written on real changes only: samples come every few seconds.
  if (Math.abs(offset - known) > 1_000) local.writeFact(offsetFact, String(offset))
}
