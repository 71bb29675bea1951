import { durations } from '#shared/durations.ts'
import { AppErrorException, appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { lockFolder } from '../embedded/folderLock.ts'
import type { GatewayOptions } from '../gatewayOptions.ts'
import { createLifetimes, type Lifetimes } from '../lifetimes.ts'
import { createCouchConnection } from '../store/couchConnection.ts'
import { createPatientConnection } from '../store/patientConnection.ts'
import { couchTargetFromUrl } from '../store/couchTarget.ts'
import { createCouchDatabases } from '../store/couchDatabases.ts'
import { defaultPrefix } from '../store/databaseNames.ts'
import { reachStore } from '../store/openGatewayStore.ts'
import { preflight } from '../store/preflight.ts'
import { startError } from '../startError.ts'
import { backupStore, type BackupReport } from './backupStore.ts'
import { migrateStore, type MigrationEnd, type MigrationReport } from './migrateStore.ts'
import { restoreStore } from './restoreStore.ts'

export type MaintenanceOptions = Pick<GatewayOptions, 'dataFolder' | 'couchUrl' | 'couchPrefix' | 'startStore' | 'log' | 'clock'> & {
  onProgress?: (done: number, total: number) => void
}
/** Where to move to: a CouchDB, or (without `couchUrl`) the embedded store of a data folder. */
export type MigrationTarget = Pick<GatewayOptions, 'dataFolder' | 'couchUrl' | 'couchPrefix'>

/** Backs up a server that is not running (or one on a CouchDB). Errors: DATA_FOLDER_IN_USE, BACKUP_INVALID, those of the store. */
export const backupServer = (options: MaintenanceOptions, folder: string): Promise<Result<BackupReport>> =>
  withStore(options, (end) => backupStore({ ...end, ...partsOf(options) }, folder))

/** Restores a backup into a server that holds nothing yet. Errors: as `backupServer`. */
export const restoreServer = (options: MaintenanceOptions, folder: string): Promise<Result<BackupReport>> =>
  withStore(options, (end) => restoreStore({ ...end, ...partsOf(options), clock: options.clock }, folder))

/** Moves the documents to another store, e.g. from the embedded one to a CouchDB; files and series stay where they are. Errors: as `backupServer`, PROCESS_FAILED, REQUEST_INVALID (nowhere to). */
export async function migrateServer(options: MaintenanceOptions, to: MigrationTarget): Promise<Result<MigrationReport>> {
  if (isSameStore(options, to)) return err(appError('REQUEST_INVALID', { reason: nowhereTo }))
  return withStore(options, async (from, lifetimes) => {
    if (to.couchUrl == null && to.dataFolder !== options.dataFolder)
      lifetimes.add('lock', unwrap(lockFolder(to.dataFolder, 'gateway.lock')))
    return migrateStore(from, await reach({ ...options, ...to }, lifetimes), options.onProgress)
  })
}

const nowhereTo = 'the documents are in that store already; say where they go (--to URL), or where they come from (--couch URL)'

function isSameStore(from: MaintenanceOptions, to: MigrationTarget): boolean {
  if (from.couchUrl == null || to.couchUrl == null) return from.couchUrl == null && to.couchUrl == null && from.dataFolder === to.dataFolder
  const [here, there] = [couchTargetFromUrl(from.couchUrl), couchTargetFromUrl(to.couchUrl)]
  const samePrefix = (from.couchPrefix ?? defaultPrefix) === (to.couchPrefix ?? defaultPrefix)
  return samePrefix && here.ok && there.ok && here.value.url === there.value.url
}

function partsOf({ dataFolder, clock, onProgress }: MaintenanceOptions) {
  return { dataFolder, nowMs: clock.now(), ...(onProgress === undefined ? {} : { onProgress }) }
}

async function withStore<T>(
  options: MaintenanceOptions,
  work: (end: MigrationEnd, lifetimes: Lifetimes) => Promise<T>,
): Promise<Result<T>> {
  const lifetimes = createLifetimes(options.log, options.clock)
  try {
    lifetimes.add('lock', unwrap(lockFolder(options.dataFolder, 'gateway.lock')))
    return ok(await work(await reach(options, lifetimes), lifetimes))
  } catch (thrown) {
    return err(startError(thrown, options.dataFolder))
  } finally {
    await lifetimes.stop(durations.processStopTimeoutMs)
  }
}

async function reach(options: MaintenanceOptions, lifetimes: Lifetimes): Promise<MigrationEnd> {
  const target = await reachStore(options, lifetimes)
  const direct = createCouchConnection(target)
  const now = target()
  unwrap(await preflight(direct, now?.url ?? '', options.clock))
  const connection = createPatientConnection(direct, options.clock, durations.storePatienceMs)
  if (now === null) throw new Error('the store went away')
  const prefix = options.couchPrefix ?? defaultPrefix
  return { target: now, prefix, connection, databases: createCouchDatabases(connection, prefix) }
}

function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value
  throw new AppErrorException(result.error)
}
