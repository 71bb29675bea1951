import type { Clock, Logger } from '#shared/log.ts'
import type { CallRegistry } from './calls/callRegistry.ts'
import type { FileTarget } from './files/fileTarget.ts'
import type { RouteTable } from './http/routeTable.ts'
import type { Projection } from './projection/projection.ts'
import type { SeriesStore } from './series/seriesStore.ts'
import type { DocumentStore } from './store/documentStore.ts'
import type { Connections } from './sync/connections.ts'
import type { LiveHub } from './sync/liveHub.ts'
import type { AgeGuard } from './upkeep/ageGuard.ts'

/** What the gateway's services (dispatch, acceptance, files…) are given. All of it is started before them and stopped after them. */
export interface GatewayContext {
  serverId: string
  /** Of this gateway process's data folder; several gateways may share one CouchDB. */
  gatewayId: string
  dataFolder: string
  /** Where all gateways on the store have their files; null: each in its own data folder. */
  filesTarget: FileTarget | null
  /** Other gateways may share the store. */
  hasPeers: boolean
  store: DocumentStore
  projection: Projection
  calls: CallRegistry
  routes: RouteTable
  live: LiveHub
  connections: Connections
  series: SeriesStore
  /** Whether this computer's clock may be believed where something is thrown away for its age. */
  ages: AgeGuard
  log: Logger
  clock: Clock
}

/** A part of the gateway with its own lifetime. Made before the server listens; its factory registers projectors, calls and routes. */
export interface GatewayService {
  name: string
  start(): Promise<void>
  stop(): Promise<void>
}
export type GatewayServiceFactory = (context: GatewayContext) => GatewayService
