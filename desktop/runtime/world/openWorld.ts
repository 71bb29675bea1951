import type { Preferences } from '#shared/collections/preferences.schema.ts'
import type { Job } from '#shared/collections/job.schema.ts'
import type { PreferencesByTag } from '#shared/collections/preferences.schema.ts'
import type { JsonValue } from '#shared/json.ts'
import type { Clock, Logger } from '#shared/log.ts'
import type { LiveNode } from '#shared/sync/live.ts'
import type { KeptBenchmark } from '../bench/keepBenchmark.ts'
import type { World } from '../config/worlds.ts'
import type { RuntimeDatabase } from '../database/openDatabase.ts'
import type { RefusedVersions } from '../database/refusedVersions.ts'
import type { Engine } from '../engines/engine.ts'
import type { PrepareScene } from '../jobs/prepareScene.ts'
import type { SceneOutbox } from '../jobs/sceneOutbox.ts'
import type { StagedScenes } from '../jobs/stagedScenes.ts'
import type { Inventory } from '../node/inventory.ts'
import { openProgramUpdate, type ProgramUpdate } from '../node/programUpdate.ts'
import type { Pauses } from '../node/pauses.ts'
import type { WorkAnyway } from '../node/workAnyway.ts'
import type { ServerClock } from '../node/serverClock.ts'
import type { SystemFacts } from '../node/systemFacts.ts'
import type { Software } from '../node/software.ts'
import type { UncleanStop } from '../node/uncleanStop.ts'
import type { Mean } from '../preferences/probes.ts'
import type { Healed } from '../storage/healing/healFile.ts'
import type { LocalSeries } from '../series/localSeries.ts'
import type { Uplink } from '../sync/uplink.ts'
import type { Documents } from '../tasks/ports.ts'
import type { VerifyFrame } from '../tasks/results/keepFrame.ts'
import type { TaskRunner } from '../tasks/taskRunner.ts'
import { keepEvicting } from '#shared/sync/evictOld.ts'
import { keepClean } from './keepClean.ts'
import { createAgeGuard } from '../node/ageGuard.ts'
import { keepNode } from './keepNode.ts'
import { openWorldData } from './openWorldData.ts'
import { openWorldWork } from './openWorldWork.ts'
import { rxDocuments } from './rxDocuments.ts'
import { transferFacts } from '../transfers/transferFacts.ts'
import { startWorldTelemetry } from './startWorldTelemetry.ts'
import { createStops } from '../stops.ts'
import type { Containment } from '../engines/process/containment.ts'

export interface WorldOptions {
  world: World
  /** The owner's token, where this world's owner signed in at this computer. */
  ownerToken: () => string | null
  engine: Pick<Engine, 'render'>
  verify: VerifyFrame
  prepare: PrepareScene
  software: Software
  inventory: Inventory
  appVersion: string
  /** Of the node, above its worlds. */
  dataFolder: string
  /** Whether the bench is run without being asked, when something changed. */
  autoBench: boolean
  /** How renders are really kept apart here; it may become less when the system refuses. */
  containment: Containment
  unclean: UncleanStop | null
  /** What was mended of this computer's own settings at this start. */
  settingsHealed: Healed | null
  /** A database of this world was found damaged while it was used. */
  onDamage: (path: string) => void
  /** What the shell of the desktop app was told by the system. */
  system: SystemFacts
  clock: Clock
  log: Logger
  /** Work began (true) or all of it ended. */
  onWorking: (working: boolean) => void
}

/** Everything that belongs to one owner on one server, running. */
export interface OpenWorld {
  world: World
  database: RuntimeDatabase
  refused: RefusedVersions
  series: LocalSeries
  uplink: Uplink
  runner: TaskRunner
  bench: KeptBenchmark
  pauses: Pauses
  workAnyway: WorkAnyway
  programUpdate: ProgramUpdate
  serverClock: ServerClock
  staged: StagedScenes
  outbox: SceneOutbox
  jobs: Documents<Job>
  /** The owner signed in at this computer. */
  isOwnerHere: () => boolean
  /** The owner's, as they are known now. */
  preferences: () => Preferences | null
  isServerEmpty(): boolean
  /** How each fact that preferences look at is come by on this computer. */
  means: () => Promise<Mean[]>
  /** What is wanted of computers with a tag, as it is known here. */
  tagPreferences: () => PreferencesByTag
  /** Hot values of this node as they are measured; the last one at once. Returns its own unsubscribe. */
  onLive(listener: (value: JsonValue) => void): () => void
  /** The last measurement; null before the first. */
  newest(): LiveNode | null
  /** Somebody watches this node through `who`, or no longer. */
  setWatched(who: string, watched: boolean): void
  /** Stops in reverse order of starting. Everything that was acknowledged is on disk. */
  stop(): Promise<void>
}

/** Opens a world's database and starts what works in it. Rejects with AppErrorException (STORE_CORRUPT, DATA_FOLDER_…); nothing runs then. */
export async function openWorld(options: WorldOptions): Promise<OpenWorld> {
  const { world, clock, log } = options
  const { nodeId, ownerId, serverUrl } = world.identity
  const stops = createStops(log)
  try {
    const data = await openWorldData(options, stops)
    const { database, uplink, series, serverClock, holds, pauses, requirements } = data
    const { runner, staged, outbox, setCards, means, gpus, cardWatch, transfers, powerCap, speed, isServerEmpty, bench, lessons } =
      await openWorldWork(options, data, stops)
    const append = (name: string, line: string) => series.append(name, line)
    const telemetry = startWorldTelemetry({ nodeId, folder: world.folder, runner, gpus, append, uplink, serverClock, clock }, stops)
    setCards(telemetry.newest)
    const nodes = rxDocuments(database.collections.nodes)
    const appendStatus = (line: string) => append(`node/${nodeId}`, line)
    const programUpdate = openProgramUpdate({
      ...{ local: data.local, holds, wanted: data.wanted },
      serverOffsetMs: () => serverClock.now() - clock.now(),
    })
    const node = await keepNode({
      ...options,
      programUpdate,
      nodeId,
      ownerId,
      nodes,
      runner,
      holds,
      pauses,
      workAnyway: data.workAnyway,
      blocks: data.blocks,
      repairs: data.repairs,
      lessons,
      requirements,
      serverClock,
      cardWatch,
      bench,
      transfers: {
        facts: () => transferFacts(transfers, data.preferences(), serverClock.now() - clock.now()),
        onChange: (listener) => transfers.onChange(listener),
      },
      powerCap,
      speed,
      appendStatus,
    })
    stops.add(() => node.stop())
    const runs = rxDocuments(database.collections.runs)
    const ages = createAgeGuard({ local: data.local, clock, serverClock, log: log.child('clean') })
    stops.add(keepClean({ runner, folder: world.folder, series, ages, clock, log, get: (id) => runs.get(id) }))
    stops.add(
      keepEvicting({
        collections: database.collections,
        ...{ clock, log, now: () => serverClock.now() },
        isIdle: () => uplink.status().state === 'live' && uplink.status().documentsWaiting === 0,
      }),
    )
    // Woken up, the line is tried at once instead of when somebody misses it.
    stops.add(options.system.onSleep(() => uplink.wake()))
    await uplink.start()
    stops.add(() => uplink.stop())
    log.info('world open', { world: world.name, nodeId, serverUrl })
    const jobs = rxDocuments(database.collections.jobs)
    const isOwnerHere = () => options.ownerToken() !== null
    return {
      ...data,
      programUpdate,
      world,
      runner,
      bench,
      staged,
      outbox,
      means,
      jobs,
      isServerEmpty,
      isOwnerHere,
      ...telemetry,
      stop: () => stops.run(),
    }
  } catch (error) {
    await stops.run()
    throw error
  }
}
