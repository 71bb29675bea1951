import { join } from 'node:path'
import type { WorkerConfig } from '#shared/api/workerConfig.ts'
import { appError } from '#shared/errors/appError.ts'
import type { JsonObject, JsonValue } from '#shared/json.ts'
import { err, type Result } from '#shared/result.ts'
import type { Session } from '#shared/sync/backend.ts'
import { nodeTopic } from '#shared/sync/live.ts'
import { createSyncPeer } from '#shared/sync/peer.ts'
import { createRuntimeHandlers, type RuntimeHandlersContext } from '../commands/runtimeHandlers.ts'
import type { Software } from '../node/software.ts'
import type { RuntimeOptions } from '../options.ts'
import { healthOf, metricsOf } from '../page/nodeMetrics.ts'
import { startPageServer, type PageServer } from '../page/pageServer.ts'
import type { PageSessions } from '../page/sessions.ts'
import { createRuntimeBackend } from '../sync/backend.ts'
import { createRuntimeCalls } from '../sync/callHandlers.ts'
import { peerChannelOfPort, type PortLike } from '../sync/messagePortChannel.ts'
import type { OpenWorld } from './openWorld.ts'
import { createFindFrame } from './findFrame.ts'

export interface OpenPageOptions {
  world: OpenWorld
  options: RuntimeOptions
  dataFolder: string
  port: number
  sessions: PageSessions
  software: Software
  chooseBlender: (path: string) => void
  setUp: RuntimeHandlersContext['setUp']
  importConfig: (config: WorkerConfig) => Promise<Result<null>>
}

export interface OpenPage {
  server: PageServer
  appVersion: string
  /** For windows that come through a message port instead of the page: they are this computer's owner. */
  openWindow(port: PortLike): void
  /** What the page's owner may call, asked by this computer's launcher. */
  call(name: string, input: JsonObject): Promise<Result<JsonValue>>
  stop(): Promise<void>
}

const sceneLimitBytes = 16 * 1024 ** 3

/** The dashboard's peer of a world: its backend, its commands, the local page. Rejects with PORT_IN_USE. */
export async function openPage({ world, options, dataFolder, port, sessions, ...parts }: OpenPageOptions): Promise<OpenPage> {
  const { identity } = world.world
  const { clock, log } = options
  const { nodeId, ownerId, ownerName } = identity
  const handlers = createRuntimeHandlers({
    ...parts,
    means: () => world.means(),
    thisComputer: () => ({ nodeId, ownerId, appVersion: options.appVersion, dataFolder, uplink: world.uplink.status() }),
    pauses: world.pauses,
    workAnyway: world.workAnyway,
    tagPreferences: () => world.tagPreferences(),
    staged: world.staged,
    submit: {
      ...{ ownerId, staged: world.staged, outbox: world.outbox, jobs: world.jobs, serverNow: () => world.serverClock.now() },
    },
  })
  const calls = createRuntimeCalls({ handlers, forward: (name, input) => world.uplink.client.call(name, input), log: log.child('calls') })
  const backend = createRuntimeBackend({
    database: world.database,
    nodeId,
    appVersion: options.appVersion,
    calls,
    series: world.series,
    uplink: world.uplink,
    isOwnerHere: world.isOwnerHere,
    now: () => world.serverClock.now(),
  })
  const offs = [
    world.onLive((value) => backend.tell(nodeTopic(nodeId), value)),
    backend.onWatched((topic, watched) => {
      if (topic === nodeTopic(nodeId)) world.setWatched('page', watched)
    }),
  ]
  const peer = createSyncPeer({ backend, log: log.child('page'), clock })
  const close = () => {
    for (const off of offs) off()
    peer.close()
    backend.close()
  }
  try {
    const server = await startPageServer({
      ...(options.pageListen === undefined ? {} : { listen: options.pageListen }),
      ...{ port, pageToken: options.pageToken },
      observe: {
        health: () => healthOf(world, options.appVersion),
        metrics: () => metricsOf(world, options.appVersion),
        metricsToken: options.metricsToken,
      },
      root: options.dashboardFolder ?? join(dataFolder, 'no-dashboard'),
      sessions,
      peer,
      owner: { ownerId, ownerName, nodeId },
      appVersion: options.appVersion,
      scenes: {
        folder: join(world.world.folder, 'uploads'),
        limitBytes: sceneLimitBytes,
        refusal: () => world.staged.refusal(),
        // Safe: a staged scene is plain JSON by its schema.
        stage: async ({ path }) => (await world.staged.stageFile(path)) as Result<JsonValue>,
      },
      findFrame: createFindFrame(world.database.collections.runs, world.runner.results),
      access: () => world.uplink.access(),
      serverOffsetMs: () => world.serverClock.now() - clock.now(),
      log: log.child('page'),
    })
    let windows = 0
    const session: Session = { sessionId: 'launcher', ownerId, nodeId: null, isOwner: true, expiresAtMs: null }
    return {
      ...{ server, appVersion: options.appVersion },
      openWindow: (port) => void peer.accept({ ...session, sessionId: `window-${(windows += 1)}` }, peerChannelOfPort(port)),
      call: (name, input) => (name.startsWith('work.') ? Promise.resolve(err(appError('NOT_ALLOWED'))) : calls(session, name, input)),
      async stop() {
        await server.stop()
        close()
      },
    }
  } catch (error) {
    close()
    throw error
  }
}
