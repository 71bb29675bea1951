import { randomBytes } from 'node:crypto'
import { makeId } from '#shared/ids.ts'
import type { CouchConnection } from './couchConnection.ts'
import type { CouchDatabases } from './couchDatabases.ts'
import { expectStatus } from './expectStatus.ts'

/**
 * Which store this is, kept in it as a `_local` document: those are part of no backup and of no replication, so that a restored or moved store is
 * another one, and clients and projections notice.
 */
export interface StoreMark {
  storeId: string
  /** Clients that see a new one push again what they own. */
  epoch: string
}
interface LocalDocument extends StoreMark {
  _rev?: string
}

const documentPath = (databases: CouchDatabases) => `${databases.path({ ownerId: null, collection: 'server' })}/_local/pictor-store`

/** Reads the mark, or makes one in a store that has none. */
export async function readStoreMark(connection: CouchConnection, databases: CouchDatabases): Promise<StoreMark> {
  await databases.ensure({ ownerId: null, collection: 'server' })
  const path = documentPath(databases)
  const found = await connection.request({ path })
  if (found.status !== 404) return markOf(expectStatus<LocalDocument>(found))
  const made = await connection.request({ method: 'PUT', path, body: JSON.stringify(newMark()) })
  // 409: another gateway was faster.
  if (made.status !== 409) expectStatus(made)
  return markOf(expectStatus<LocalDocument>(await connection.request({ path })))
}

/** After a restore: from now on it is another store. */
export async function renewStoreMark(connection: CouchConnection, databases: CouchDatabases): Promise<StoreMark> {
  await databases.ensure({ ownerId: null, collection: 'server' })
  const path = documentPath(databases)
  const found = await connection.request({ path })
  const mark = newMark()
  const rev = found.status === 404 ? undefined : expectStatus<LocalDocument>(found)._rev
  expectStatus(await connection.request({ method: 'PUT', path, body: JSON.stringify({ ...mark, _rev: rev }) }))
  return mark
}

const newMark = (): StoreMark => ({ storeId: makeId('store', randomBytes(20)), epoch: makeId('epoch', randomBytes(20)) })
const markOf = ({ storeId, epoch }: LocalDocument): StoreMark => ({ storeId, epoch })
