import { join } from 'node:path'
import type { WorkerConfig } from '#shared/api/workerConfig.ts'
import { AppErrorException, toAppError } from '#shared/errors/appError.ts'
import type { JsonObject, JsonValue } from '#shared/json.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { readWorkerConfig } from './config/readWorkerConfig.ts'
import { createEnrolAgain } from './config/enrolAgain.ts'
import { currentWorld, enterWorld, type World, type WorldPointer } from './config/worlds.ts'
import { withHomeServer } from './config/homeServer.ts'
import { asAppError } from './database/storeErrors.ts'
import { localDatabasePath, openLocalDatabase, type LocalDatabase } from './database/localDatabase.ts'
import { watchDamage, type DamageWatch } from './database/watchDamage.ts'
import { createBlenderEngine } from './engines/blender/blenderEngine.ts'
import { createContainment } from './engines/process/containment.ts'
import { createMemoryGuard } from './engines/process/memoryGuard.ts'
import { joinEngines } from './engines/joinEngines.ts'
import { createUpscaleEngine } from './engines/upscale/upscaleEngine.ts'
import { findUpscaler } from './engines/upscale/upscalerProgram.ts'
import { takeInventory } from './node/inventory.ts'
import { reapOrphans } from './node/reapOrphans.ts'
import { findOtherPrograms } from './engines/discovery/otherPrograms.ts'
import { createSoftware } from './node/software.ts'
import { createSystemFacts } from './node/systemFacts.ts'
import { setStopMark } from './node/uncleanStop.ts'
import type { RuntimeOptions } from './options.ts'
import { prepareImageOr } from './jobs/prepareImage.ts'
import { prepareWithBlender } from './jobs/prepareWithBlender.ts'
import { openPageSessions } from './page/sessions.ts'
import { createStops, type Stops } from './stops.ts'
import { openDataFolder } from './storage/dataFolder.ts'
import { healFile } from './storage/healing/healFile.ts'
import { createSeal } from './storage/seal.ts'
import type { PortLike } from './sync/messagePortChannel.ts'
import type { VerifyFrame } from './tasks/results/keepFrame.ts'
import { answerLauncher } from './world/launcherAsks.ts'
import { openPage, type OpenPage } from './world/openPage.ts'
import { openWorld, type OpenWorld } from './world/openWorld.ts'

/** Picture decoders are loaded with the first frame: an idle node does not carry them. */
const verify: VerifyFrame = async (path, expectation) => (await import('./engines/images/verifyFrame.ts')).verifyFrame(path, expectation)

export interface RunningRuntime {
  /** The local page. */
  url: string
  nodeId(): string
  ownerId(): string
  /** What this computer's launcher may ask: shared/api/runtimeAsks.ts, and every call that the owner may make. */
  ask(name: string, input: JsonObject): Promise<Result<JsonValue>>
  /** Serves a window of this computer's dashboard over the port; it ends with the port. */
  openWindow(port: PortLike): void
  /** Orderly; everything acknowledged is on disk, no child is left. Safe to call twice. */
  stop(): Promise<void>
}

const worldFact = 'currentWorld'
const blendersFact = 'chosenBlenders'
const setUpFact = 'setUp'
/** The answer to the import reaches the page before its connection goes with the old world. */
const switchDelayMs = 300
/** There are three databases. */
const healingsAtStart = 3

/**
 * Starts the node: data folder, programs, world, page, in this order. Errors: DATA_FOLDER_IN_USE, DATA_FOLDER_READ_ONLY,
 * STORE_CORRUPT, DISK_FULL, CONFIG_MALFORMED, CONFIG_EXPIRED, CONFIG_OTHER_SERVER, ENROLMENT_REFUSED, SERVER_UNREACHABLE (only while a new
 * config is imported), PORT_IN_USE. After an error nothing is left running.
 */
export async function startRuntime(options: RuntimeOptions): Promise<Result<RunningRuntime>> {
  for (let healings = 0; ; healings += 1) {
    const stops = createStops(options.log)
    const damage = watchDamage(options, stops)
    try {
      const running = await start(options, stops, damage)
      damage.isUp()
      return ok({ ...running, stop: () => stops.run() })
    } catch (thrown) {
      await stops.run()
      // Damage that a look at the file did not show; now it is known, and the next try sets the file aside.
      if (damage.isFound() && healings < healingsAtStart) continue
      options.log.error('the runtime could not start', { reason: toAppError(thrown).message })
      return err(toAppError(thrown))
    }
  }
}

async function start(options: RuntimeOptions, stops: Stops, damage: DamageWatch): Promise<Omit<RunningRuntime, 'stop'>> {
  const { clock, log } = options
  const seal = createSeal(options.sealKey)
  const config = options.config === null ? null : unwrap(readWorkerConfig(options.config))
  const data = unwrap(await openDataFolder(options.dataFolder))
  stops.add(() => data.close())
  await reapOrphans(data.path, log)
  const { mark, before } = await setStopMark(data.path, clock.now())
  stops.add(() => mark.clear())
  const localPath = localDatabasePath(data.path)
  let settingsHealed = healFile(localPath, { nowMs: clock.now(), thorough: before !== null, log })
  const local = openLocalDatabase(data.path, () => damage.found(localPath))
  stops.add(() => local.close())
  // Whoever has settings to lose is past the first steps.
  if (settingsHealed !== null) local.writeFact(setUpFact, 'done')
  const sessions = openPageSessions(local, () => clock.now())
  const pointer: WorldPointer = { read: () => local.readFact(worldFact), write: (name) => local.writeFact(worldFact, name) }

  const inventory = await takeInventory(data.path, log)
  const memory = createMemoryGuard({ clock })
  const containment = createContainment({ clock, log, hidden: [data.path], toolFolder: join(data.path, 'tools') })
  const blender = createBlenderEngine({
    containment,
    memory,
    logger: log,
    probeCacheFile: join(data.path, 'blenders.json'),
    kernelCacheFolder: join(data.path, 'kernels'),
    chosen: () => [...options.blenderPaths, ...chosenBlenders(local)],
    cards: () => inventory.hardware.gpus,
  })
  const upscale = createUpscaleEngine({
    memory,
    logger: log,
    program: findUpscaler(options.upscaler),
    probeCacheFile: join(data.path, 'upscaler.json'),
    containment,
  })
  const engine = joinEngines({ blender, upscale })
  const software = createSoftware(engine, log, findOtherPrograms)
  stops.add(() => software.stop())
  const system = createSystemFacts(clock)
  const chooseBlender = (path: string) => local.writeFact(blendersFact, JSON.stringify([...new Set([...chosenBlenders(local), path])]))

  const enrolAgain = createEnrolAgain({ config, log, enrol: (again) => importConfig(again, true) })
  const setUp = { isDone: () => local.readFact(setUpFact) === 'done', done: () => local.writeFact(setUpFact, 'done') }

  const openAll = async (which: World, port: number): Promise<{ world: OpenWorld; page: OpenPage }> => {
    const home = await withHomeServer(which, options.serverUrl, config)
    const world = await openWorld({
      ...{
        world: home.world,
        engine,
        dataFolder: data.path,
        verify,
        prepare: prepareImageOr(prepareWithBlender(software, containment)),
        software,
        inventory,
        unclean: before,
        system,
        clock,
        log,
      },
      ...{ settingsHealed, onDamage: (path: string) => damage.found(path) },
      ...{ appVersion: options.appVersion, containment, autoBench: options.benchmark === 'auto' },
      ownerToken: () => (home.isHome ? options.ownerToken : null),
      onWorking: (working) =>
        void mark
          .setWorking(working)
          .catch((error: unknown) => log.warn('the mark of an unclean stop was not set', { reason: String(error) })),
    })
    // Told once, in the world that was open then.
    settingsHealed = null
    world.uplink.onStatus(enrolAgain)
    enrolAgain(world.uplink.status())
    try {
      const page = await openPage({
        ...{ world, options, port, sessions, software, chooseBlender, setUp, dataFolder: data.path },
        importConfig: (next) => importConfig(next),
      })
      return { world, page }
    } catch (error) {
      await world.stop()
      throw error
    }
  }
  const closeAll = async ({ world, page }: { world: OpenWorld; page: OpenPage }) => {
    await page.stop()
    await world.stop()
  }
  const importConfig = async (next: WorkerConfig, anew = false): Promise<Result<null>> => {
    const entered = await enterWorld(data.path, next, pointer, seal, anew)
    if (!entered.ok) return entered
    clock.after(switchDelayMs, () => void (switching = switching.then(() => switchTo(entered.value)).catch(switchFailed)))
    return ok(null)
  }
  const switchTo = async (next: World) => {
    const { port } = current.page.server
    await closeAll(current)
    current = await openAll(next, port)
  }
  // Without a world the process can do nothing: its launcher starts it again, in the new one.
  const switchFailed = (error: unknown) => {
    log.error('the new world could not be opened', { reason: toAppError(error).message })
    options.onFatal(toAppError(error))
  }
  let switching: Promise<void> = Promise.resolve()
  const first = config === null ? await currentWorld(data.path, pointer, seal) : unwrap(await enterWorld(data.path, config, pointer, seal))
  let current = await openAll(first, options.pagePort)
  stops.add(() => switching.then(() => closeAll(current)))
  void software.find()
  const { identity } = current.world.world
  log.info('the runtime is up', { url: current.page.server.url, nodeId: identity.nodeId })
  return {
    url: current.page.server.url,
    nodeId: () => current.world.world.identity.nodeId,
    ownerId: () => current.world.world.identity.ownerId,
    openWindow: (port) => current.page.openWindow(port),
    // Between two worlds there is nobody to answer.
    ask: (name, input) =>
      switching
        .then(() => answerLauncher({ ...current, system, log }, name, input))
        .catch((error: unknown) => Promise.reject(asAppError(error, data.path) as Error)),
  }
}

function chosenBlenders(local: LocalDatabase): string[] {
  const known = local.readFact(blendersFact)
  return known === null ? [] : (JSON.parse(known) as string[])
}

function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value
  throw new AppErrorException(result.error)
}
