import { dirname } from 'node:path'
import { mkdirSync } from 'node:fs'
import { toAppError } from '#shared/errors/appError.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { openProjection } from '../projection/openProjection.ts'
import type { ProjectionStore } from '../projection/projection.ts'
import { createCouchConnection, type CouchConnection } from './couchConnection.ts'
import { createPatientConnection } from './patientConnection.ts'
import { createCouchDatabases, type CouchDatabases } from './couchDatabases.ts'
import { createCouchDocumentStore, type CouchDocumentStore } from './couchDocumentStore.ts'
import type { CouchTarget } from './couchTarget.ts'
import { preflight } from './preflight.ts'
import { readStoreMark, type StoreMark } from './storeMark.ts'

export interface OpenStoreOptions {
  target: () => CouchTarget | null
  /** What every database's name begins with. */
  prefix: string
  projectionPath: string
  /** The embedded store has no other gateway. */
  singleWriter: boolean
  /** How long a store that does not answer is asked again; default: as suits somebody who waits for the answer. */
  patienceMs?: number
  /** See CouchStoreParts. */
  maxFollowed?: number
  /** So many more documents were read to build the projection. */
  onBuilding?: (documents: number) => void
  /** See ProjectionOptions. */
  onDamaged?: () => void
  log: Logger
  clock: Clock
}
export interface OpenedStore {
  connection: CouchConnection
  databases: CouchDatabases
  projection: ProjectionStore
  store: CouchDocumentStore
  mark: StoreMark
  description: string
  stop(): Promise<void>
}

/** Checks what is there, opens the projection that belongs to it, and the store over both. Errors: STORE_NOT_COUCHDB, SERVER_STORE_UNREACHABLE. */
export async function openStore(options: OpenStoreOptions): Promise<Result<OpenedStore>> {
  const { target, prefix, projectionPath, log, clock } = options
  const direct = createCouchConnection(target)
  const facts = await preflight(direct, target()?.url ?? '', clock)
  if (!facts.ok) return facts
  const connection = options.patienceMs === undefined ? direct : createPatientConnection(direct, clock, options.patienceMs)
  try {
    const databases = createCouchDatabases(connection, prefix)
    const mark = await readStoreMark(connection, databases)
    mkdirSync(dirname(projectionPath), { recursive: true, mode: 0o700 })
    const projection = openProjection({
      ...{ path: projectionPath, storeId: mark.storeId, log, now: () => clock.now() },
      ...{ onBuilding: options.onBuilding, onDamaged: options.onDamaged },
    })
    const store = createCouchDocumentStore({ ...options, connection, databases, projection })
    return ok({
      ...{ connection, databases, projection, store, mark },
      description: facts.value.description,
      async stop() {
        await store.stop()
        projection.close()
      },
    })
  } catch (thrown) {
    return err(toAppError(thrown))
  }
}
