import { createHash } from 'node:crypto'
import type { PouchDBStatic } from 'pouchdb'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import type { CouchConnection } from '../store/couchConnection.ts'
import type { CouchDatabases } from '../store/couchDatabases.ts'
import type { CouchTarget } from '../store/couchTarget.ts'
import { databaseName } from '../store/databaseNames.ts'
import { allDocuments } from './allDocuments.ts'

export interface MigrationEnd {
  target: CouchTarget
  prefix: string
  connection: CouchConnection
  databases: CouchDatabases
}
export interface MigrationReport {
  databases: number
  documents: number
}

/**
 * Copies every database from one store to another with CouchDB's own replication protocol: run again it goes on where it stopped. Then both
 * ends are read whole and compared by count and digest. The other store becomes another epoch by itself. Rejects with PROCESS_FAILED when they differ.
 */
export async function migrateStore(
  from: MigrationEnd,
  to: MigrationEnd,
  onProgress?: (done: number, total: number) => void,
): Promise<MigrationReport> {
  const PouchDB = await replicatingClient()
  const keys = await from.databases.list()
  let documents = 0
  for (const [index, key] of keys.entries()) {
    await to.databases.ensure(key)
    const open = ({ target, prefix }: MigrationEnd) =>
      new PouchDB(`${target.url}/${encodeURIComponent(databaseName(prefix, key))}`, { skip_setup: true, fetch: withAuthorization(target) })
    await open(from).replicate.to(open(to), { batch_size: 500 })
    const [source, copy] = [await summary(from, from.databases.path(key)), await summary(to, to.databases.path(key))]
    if (source.count !== copy.count || source.digest !== copy.digest)
      throw new AppErrorException(
        appError('PROCESS_FAILED', {
          name: 'migration',
          reason: `${databaseName(from.prefix, key)} differs: ${source.count} and ${copy.count} documents`,
        }),
      )
    documents += copy.count
    onProgress?.(index + 1, keys.length)
  }
  return { databases: keys.length, documents }
}

async function summary(end: MigrationEnd, path: string): Promise<{ count: number; digest: string }> {
  const hash = createHash('sha256')
  let count = 0
  for await (const { id, rev, body } of allDocuments(end.connection, path)) {
    hash.update(`${id}\n${rev}\n${body}\n`)
    count += 1
  }
  return { count, digest: hash.digest('hex') }
}

/** Credentials travel in a header, never in the URL. */
function withAuthorization({ authorization }: CouchTarget) {
  return (url: string | URL | Request, options: RequestInit = {}) => {
    const headers = new Headers(options.headers)
    if (authorization !== null) headers.set('authorization', authorization)
    return fetch(url, { ...options, headers })
  }
}

/** PouchDB as a client of two stores over HTTP and nothing else. Loaded only when somebody migrates; its plugins can be added only once. */
let client: Promise<PouchDBStatic> | null = null
function replicatingClient(): Promise<PouchDBStatic> {
  client ??= Promise.all([import('pouchdb-core'), import('pouchdb-adapter-http'), import('pouchdb-replication')]).then(
    ([{ default: PouchDB }, { default: http }, { default: replication }]) => PouchDB.plugin(http).plugin(replication),
  )
  return client
}
