import type { StartStore } from './embedded/startStore.ts'
import type { Clock, Logger } from '#shared/log.ts'
import type { FilesOption } from './files/fileTarget.ts'
import type { GatewayServiceFactory } from './gatewayContext.ts'

export interface GatewayOptions {
  /** Where everything is kept that is not in CouchDB: the embedded store, files, series, the projection, the operator's token. */
  dataFolder: string
  /** Loopback needs nothing more; beyond it TLS or a proxy that has it. */
  host: string
  /** 0 finds a free one. */
  port: number
  /** A CouchDB instead of the embedded store; may carry credentials. */
  couchUrl?: string | null
  /** What the databases' names begin with on a CouchDB that others use too; default `pictor-`. */
  couchPrefix?: string | null
  /** Where the gateways on one CouchDB have their files together; default: each in its data folder. */
  files?: FilesOption | null
  tls?: { certPath: string; keyPath: string } | null
  behindProxy?: boolean
  /** Reads the metrics, and nothing else; without one only the operator does. */
  metricsToken?: string | null
  /** The address that workers reach this server at, for their config files; default: where it listens. */
  publicUrl?: string | null
  /** The built dashboard. */
  dashboardFolder: string
  /** Starts the embedded store; not used with a CouchDB. */
  startStore: StartStore
  /** What runs on the gateway beside its core; default: all of it. */
  services?: readonly GatewayServiceFactory[]
  /** While the index is built from the store, which may take minutes: how many documents were read so far. What it throws ends the start. */
  onBuilding?: (documents: number) => void
  /** Damage was met in the index: the gateway has to end; its next start builds the index anew. */
  onIndexDamaged?: () => void
  log: Logger
  clock: Clock
}

export interface RunningGateway {
  url: string
  port: number
  serverId: string
  operatorTokenPath: string
  /** Stops everything in reverse order, within 8 s. Never rejects. */
  stop: () => Promise<void>
}
