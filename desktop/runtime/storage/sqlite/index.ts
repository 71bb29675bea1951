import {
  addRxStorageMultiInstanceSupport,
  ensureRxStorageInstanceParamsAreCorrect,
  RXDB_VERSION,
  type RxStorage,
  type RxStorageInstanceCreationParams,
} from 'rxdb'
import { acquireConnection, releaseConnection } from './connection.ts'
import { SqliteStorageInstance, type SqliteInstanceOptions, type SqliteInternals } from './instance.ts'

export { StoreError } from './storeError.ts'

export interface RxStorageNodeSqliteSettings {
  /** The database file, created when missing (its folder must exist), or how to find one by RxDB's database name. One file may hold many databases. */
  databasePath: string | ((databaseName: string) => string)
  /** The file was found damaged while it was used: it must not be trusted any more, and whoever asked gets STORE_CORRUPT. */
  onDamage?: () => void
}
export interface RxStorageNodeSqlite extends RxStorage<SqliteInternals, SqliteInstanceOptions> {
  createStorageInstance<RxDocType>(
    params: RxStorageInstanceCreationParams<RxDocType, SqliteInstanceOptions>,
  ): Promise<SqliteStorageInstance<RxDocType>>
}

const NAME = 'node-sqlite'

/**
 * A durable RxStorage on the SQLite that Node brings. A write that was acknowledged is on disk (WAL, `synchronous=FULL`).
 * Methods reject with a `StoreError` when the file is damaged, locked, read-only or the disk is full.
 */
export function getRxStorageNodeSqlite(settings: RxStorageNodeSqliteSettings): RxStorageNodeSqlite {
  return {
    name: NAME,
    rxdbVersion: RXDB_VERSION,
    async createStorageInstance<RxDocType>(params: RxStorageInstanceCreationParams<RxDocType, SqliteInstanceOptions>) {
      ensureRxStorageInstanceParamsAreCorrect(params)
      const { databasePath, onDamage } = settings
      const connection = acquireConnection(typeof databasePath === 'string' ? databasePath : databasePath(params.databaseName), onDamage)
      try {
        const instance = new SqliteStorageInstance(params, connection)
        addRxStorageMultiInstanceSupport(NAME, params, instance)
        return instance
      } catch (error) {
        releaseConnection(connection)
        throw error
      }
    },
  }
}
