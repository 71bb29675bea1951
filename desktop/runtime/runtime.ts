import { join } from 'node:path'
import type { WorkerConfig } from '#shared/api/workerConfig.ts'
import { AppErrorException, toAppError } from '#shared/errors/appError.ts'
import type { Logger } from '#shared/log.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { greetServer } from './config/askServer.ts'
import { readWorkerConfig } from './config/readWorkerConfig.ts'
import { currentWorld, enterWorld, type World, type WorldPointer } from './config/worlds.ts'
import { openLocalDatabase, type LocalDatabase } from './database/localDatabase.ts'
import { createBlenderEngine } from './engines/blender/blenderEngine.ts'
import { verifyFrame } from './engines/images/verifyFrame.ts'
import { takeInventory } from './node/inventory.ts'
import { reapOrphans } from './node/reapOrphans.ts'
import { createSoftware } from './node/software.ts'
import { setStopMark } from './node/uncleanStop.ts'
import type { RuntimeOptions } from './options.ts'
import { openDataFolder } from './storage/dataFolder.ts'
import { openWorld, type OpenWorld } from './world/openWorld.ts'

export interface RunningRuntime {
  /** The local page. */
  url: string
  nodeId(): string
  ownerId(): string
  /** Orderly; everything acknowledged is on disk, no child is left. Safe to call twice. */
  stop(): Promise<void>
}

const worldFact = 'currentWorld'
const blendersFact = 'chosenBlenders'

/** What the composition root hands to whoever serves the page and its commands. */
export interface RuntimeParts {
  options: RuntimeOptions
  world(): OpenWorld
  software: ReturnType<typeof createSoftware>
  chooseBlender(path: string): void
  /** Makes another world the current one. Errors: as `enterWorld`; the current one then stays. */
  importConfig(config: WorkerConfig): Promise<Result<null>>
}

/**
 * Starts the node: data folder, programs, world, page, in this order. Errors: DATA_FOLDER_IN_USE, DATA_FOLDER_READ_ONLY,
 * STORE_CORRUPT, DISK_FULL, CONFIG_MALFORMED, CONFIG_EXPIRED, CONFIG_OTHER_SERVER, ENROLMENT_REFUSED, SERVER_UNREACHABLE (only while a new
 * config is imported), PORT_IN_USE. After an error nothing is left running.
 */
export async function startRuntime(options: RuntimeOptions): Promise<Result<RunningRuntime>> {
  const stops: Array<() => unknown> = []
  let stopping: Promise<void> | null = null
  const stop = () => (stopping ??= stopAll(stops, options.log))
  try {
    return ok({ ...(await start(options, stops)), stop })
  } catch (thrown) {
    await stop()
    options.log.error('the runtime could not start', { reason: toAppError(thrown).message })
    return err(toAppError(thrown))
  }
}

async function start(options: RuntimeOptions, stops: Array<() => unknown>): Promise<Omit<RunningRuntime, 'stop'>> {
  const { clock, log } = options
  const config = options.config === null ? null : unwrap(readWorkerConfig(options.config))
  const data = unwrap(await openDataFolder(options.dataFolder))
  stops.push(() => data.close())
  await reapOrphans(data.path, log)
  const { mark, before } = await setStopMark(data.path, clock.now())
  stops.push(() => mark.clear())
  const local = openLocalDatabase(data.path)
  stops.push(() => local.close())
  const pointer: WorldPointer = { read: () => local.readFact(worldFact), write: (name) => local.writeFact(worldFact, name) }

  const engine = createBlenderEngine({
    logger: log,
    probeCacheFile: join(data.path, 'blenders.json'),
    kernelCacheFolder: join(data.path, 'kernels'),
    chosen: () => [...options.blenderPaths, ...chosenBlenders(local)],
  })
  const software = createSoftware(engine, log)
  stops.push(() => software.stop())
  const inventory = await takeInventory(data.path, log)

  let world = config === null ? await currentWorld(data.path, pointer) : unwrap(await enterWorld(data.path, config, pointer))
  const open = async (which: World): Promise<OpenWorld> => {
    const home = await withHomeServer(which, options, config)
    return openWorld({
      ...{ world: home.world, engine, verify: verifyFrame, software, inventory, unclean: before, clock, log },
      ...{ appVersion: options.appVersion, containmentLevel: options.containment },
      ownerToken: () => (home.isHome ? options.ownerToken : null),
      onWorking: (working) => void mark.setWorking(working),
      publish: () => undefined,
    })
  }
  let current = await open(world)
  stops.push(() => current.stop())
  void software.find()

  const parts: RuntimeParts = {
    options,
    world: () => current,
    software,
    chooseBlender: (path) => local.writeFact(blendersFact, JSON.stringify([...new Set([...chosenBlenders(local), path])])),
    async importConfig(next) {
      const entered = await enterWorld(data.path, next, pointer)
      if (!entered.ok) return entered
      await current.stop()
      world = entered.value
      current = await open(world)
      return ok(null)
    },
  }
  void parts
  return { url: '', nodeId: () => current.world.identity.nodeId, ownerId: () => current.world.identity.ownerId }
}

/**
 * The launcher's gateway may answer at another port than when this world was made. Its address, and its owner's token, count for the
 * world of that very server only.
 */
async function withHomeServer(
  world: World,
  { serverUrl, log }: RuntimeOptions,
  config: WorkerConfig | null,
): Promise<{ world: World; isHome: boolean }> {
  if (serverUrl === null) return { world, isHome: false }
  if (config?.serverId === world.identity.serverId) return { world: at(world, serverUrl), isHome: true }
  const hello = await greetServer(serverUrl)
  // It may be down just now: then the address decides, as far as it can.
  if (!hello.ok) return { world, isHome: sameOrigin(world.identity.serverUrl, serverUrl) }
  const isHome = hello.value.serverId === world.identity.serverId
  if (!isHome) log.info('this node works for another server than the one on this computer', { serverUrl: world.identity.serverUrl })
  return isHome ? { world: at(world, serverUrl), isHome } : { world, isHome }
}

const at = (world: World, serverUrl: string): World => ({ ...world, identity: { ...world.identity, serverUrl } })
const sameOrigin = (a: string, b: string) => URL.canParse(a) && URL.canParse(b) && new URL(a).origin === new URL(b).origin

function chosenBlenders(local: LocalDatabase): string[] {
  const known = local.readFact(blendersFact)
  return known === null ? [] : (JSON.parse(known) as string[])
}

async function stopAll(stops: Array<() => unknown>, log: Logger): Promise<void> {
  for (const one of stops.splice(0).reverse()) {
    try {
      await one()
    } catch (error) {
      log.error('a part did not stop as it should', { reason: String(error) })
    }
  }
}

function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value
  throw new AppErrorException(result.error)
}
