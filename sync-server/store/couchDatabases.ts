import type { CouchConnection } from './couchConnection.ts'
import { databaseName, parseDatabaseName, type DatabaseKey } from './databaseNames.ts'
import { expectStatus } from './expectStatus.ts'

/** Names and makes the databases. */
export interface CouchDatabases {
  /** The database's name, encoded for a URL's path. */
  path(key: DatabaseKey): string
  /** Makes it unless it is there. */
  ensure(key: DatabaseKey): Promise<void>
  list(): Promise<DatabaseKey[]>
}

export function createCouchDatabases(connection: CouchConnection, prefix: string): CouchDatabases {
  const path = (key: DatabaseKey) => encodeURIComponent(databaseName(prefix, key))
  return {
    path,
    async ensure(key) {
      const answer = await connection.request({ method: 'PUT', path: path(key) })
      // 412: it exists already. 202: made, but not yet on every machine of the cluster.
      if (answer.status !== 412) expectStatus(answer)
    },
    async list() {
      const names = expectStatus<string[]>(await connection.request({ path: '_all_dbs' }))
      return names.map((name) => parseDatabaseName(prefix, name)).filter((key) => key !== null)
    },
  }
}
