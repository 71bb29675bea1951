import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { durations } from '#shared/durations.ts'
import { AppErrorException } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { createAgeGuard } from './upkeep/ageGuard.ts'
import { createSyncPeer } from '#shared/sync/peer.ts'
import packageFacts from '../package.json' with { type: 'json' }
import { unsettledTasks } from './acceptance/attemptProjector.ts'
import { createBackupCalls } from './backup/backupCalls.ts'
import { archiveProjector } from './archive/archiveProjector.ts'
import { createArchiveReader } from './archive/archiveReader.ts'
import { createArchiveService } from './archive/archiveService.ts'
import { createCallRegistry } from './calls/callRegistry.ts'
import { lockFolder } from './embedded/folderLock.ts'
import type { GatewayContext } from './gatewayContext.ts'
import type { GatewayOptions, RunningGateway } from './gatewayOptions.ts'
import { isLoopback, startHttpServer } from './http/httpServer.ts'
import { plainRoutes } from './http/plainRoutes.ts'
import { createRouteTable } from './http/routeTable.ts'
import { signInRoutes } from './http/signInRoutes.ts'
import { createStaticFiles } from './http/staticFiles.ts'
import { speedRoutes } from './http/speedRoutes.ts'
import { syncRoutes } from './http/syncRoutes.ts'
import { createIdentity } from './identity/identity.ts'
import { identityCalls } from './identity/identityCalls.ts'
import { writeOperatorToken } from './identity/operatorToken.ts'
import { createLifetimes, type Lifetimes } from './lifetimes.ts'
import { policyCall } from './policy/policyCall.ts'
import { observeRoutes } from './observe/observeRoutes.ts'
import { createFileSeriesStore } from './series/fileSeriesStore.ts'
import { createSeriesAccess } from './series/seriesAccess.ts'
import { readGatewayId, readServerId } from './serverIdentity.ts'
import { gatewayServices } from './services.ts'
import { openGatewayStore } from './store/openGatewayStore.ts'
import { summaryCalls } from './summaries/summaryCalls.ts'
import { createConnections } from './sync/connections.ts'
import { createGatewayBackend } from './sync/gatewayBackend.ts'
import { createLiveHub } from './sync/liveHub.ts'
import { serverStatusCall } from './serverStatus.ts'
import { checkFilesPlace } from './files/openFiles.ts'
import { fileTargetFrom } from './files/fileTarget.ts'
import { startError } from './startError.ts'

export { backupServer, migrateServer, restoreServer, type MaintenanceOptions } from './backup/maintenance.ts'
export { seedServer, type SeedOptions } from './seed/seedServer.ts'
export type { RunningStore, StartStore } from './embedded/startStore.ts'
export type { GatewayOptions, RunningGateway } from './gatewayOptions.ts'

/**
 * Starts the gateway: lock, store, projection, services, then the port, so that nobody is answered before everything stands.
 * Errors: DATA_FOLDER_IN_USE, DATA_FOLDER_READ_ONLY, STORE_NOT_COUCHDB, SERVER_STORE_UNREACHABLE, FILES_PLACE_INVALID, TLS_REQUIRED, PORT_IN_USE, DISK_FULL, PROCESS_FAILED.
 * After an error nothing is left running.
 */
export async function startGateway(options: GatewayOptions): Promise<Result<RunningGateway>> {
  let isDamaged = false
  let isUp = false
  const onDamaged = () => {
    isDamaged = true
    if (isUp) options.onIndexDamaged?.()
  }
  for (;;) {
    const lifetimes = createLifetimes(options.log, options.clock)
    try {
      const running = await start({ ...options, onDamaged }, lifetimes)
      isUp = true
      if (isDamaged) options.onIndexDamaged?.()
      return ok(running)
    } catch (thrown) {
      await lifetimes.stop(durations.processStopTimeoutMs)
      // Met on the way up: the second time it is built anew.
      if (!isDamaged) return err(startError(thrown, options.dataFolder))
      isDamaged = false
    }
  }
}

async function start(options: GatewayOptions & { onDamaged: () => void }, lifetimes: Lifetimes): Promise<RunningGateway> {
  const { dataFolder, log, clock, host } = options
  const behindProxy = options.behindProxy ?? false
  const filesTarget = options.files == null ? null : unwrap(fileTargetFrom(options.files))
  const encrypted = (options.tls ?? null) !== null || behindProxy
  lifetimes.add('lock', unwrap(lockFolder(dataFolder, 'gateway.lock')))
  if (filesTarget !== null) await checkFilesPlace(filesTarget, log.child('files'))

  const opened = await openGatewayStore(options, lifetimes)
  const { store, projection, mark } = opened
  lifetimes.add('store', () => opened.stop())
  const server = {
    serverId: await readServerId(store),
    epoch: mark.epoch,
    version: packageFacts.version,
    url: () => options.publicUrl ?? listeningUrl,
  }
  let listeningUrl = ''

  const operator = writeOperatorToken(dataFolder)
  const connections = createConnections()
  const calls = createCallRegistry(log.child('calls'))
  const routes = createRouteTable()
  const live = createLiveHub()
  mkdirSync(join(dataFolder, 'series'), { recursive: true, mode: 0o700 })
  const series = createFileSeriesStore(join(dataFolder, 'series'))
  const identity = createIdentity({ store, connections, clock, server, operatorSecret: operator.secret, log: log.child('identity') })
  lifetimes.add('identity', () => identity.stop())

  // Before the services' own: they ask it what was put away.
  projection.registerProjector(archiveProjector)
  const archive = createArchiveReader(store, projection.database)
  const backend = createGatewayBackend({
    ...{ ...opened, ...server, archive, calls, live, series, clock },
    seriesAccess: createSeriesAccess(store),
  })
  lifetimes.add('backend', () => backend.stop())
  const peer = createSyncPeer({ backend, log: log.child('sync'), clock })

  const gatewayId = readGatewayId(dataFolder)
  const context: GatewayContext = {
    ...{ serverId: server.serverId, gatewayId, dataFolder },
    ...{ filesTarget, hasPeers: (options.couchUrl ?? null) !== null },
    ...{ store, projection, calls, routes, live, connections, series, log, clock },
    ages: createAgeGuard({ store, gatewayId, clock, log: log.child('upkeep') }),
  }
  calls.register(identityCalls(identity))
  const backups = createBackupCalls({
    ...opened,
    dataFolder,
    now: () => clock.now(),
    unsettledTaskIds: () => unsettledTasks(projection.database),
  })
  calls.register(backups.handlers)
  lifetimes.add('backups', () => backups.stop())
  calls.register(summaryCalls({ ...opened, archive }))
  calls.register(policyCall(dataFolder, log.child('policy')))
  calls.register(serverStatusCall({ context, server, storeDescription: opened.description, accounts: identity.accounts }))
  routes.add(...observeRoutes(context, server.version))
  routes.add(...plainRoutes({ server, calls, clock }), ...signInRoutes(identity, encrypted))
  routes.add(...speedRoutes(clock))
  routes.add(...syncRoutes({ peer, identity, connections, clock, encrypted }))
  const services = (options.services ?? gatewayServices).map((create) => create(context))
  services.push(createArchiveService({ store, projection, gatewayId, clock, log: log.child('archive') }))
  // Only now do the projectors listen; a projection that was deleted is built anew here.
  await store.openAll()
  for (const service of services) {
    await service.start()
    lifetimes.add(service.name, () => service.stop())
  }

  const serveStatic = createStaticFiles(options.dashboardFolder)
  const http = unwrap(
    await startHttpServer(routes.all(), {
      host,
      port: options.port,
      tls: options.tls ?? null,
      behindProxy,
      metricsToken: options.metricsToken ?? null,
      identity,
      log: log.child('http'),
      serveStatic,
    }),
  )
  lifetimes.add('http', () => http.close())
  lifetimes.add('connections', () => peer.close())
  listeningUrl = urlOf(options, http.port)
  log.info('the gateway is up', { url: listeningUrl, store: opened.description, gatewayId: context.gatewayId })
  return {
    ...{ url: listeningUrl, port: http.port, serverId: server.serverId, operatorTokenPath: operator.path },
    stop: () => lifetimes.stop(durations.processStopTimeoutMs),
  }
}

function urlOf({ host, tls }: GatewayOptions, port: number): string {
  const name = isLoopback(host) || host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `${(tls ?? null) === null ? 'http' : 'https'}://${name.includes(':') ? `[${name}]` : name}:${port}`
}

function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value
  throw new AppErrorException(result.error)
}
