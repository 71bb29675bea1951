import { mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { collectionNames, collections } from '#shared/collections/collections.ts'
import { createSyncClient, type SyncClient } from '#shared/sync/client.ts'
import { systemClock } from '../../desktop/launch/systemClock.ts'
import { openDatabase, type RuntimeCollections } from '../../desktop/runtime/database/openDatabase.ts'
import { openLocalDatabase } from '../../desktop/runtime/database/localDatabase.ts'
import { openRefusedVersions, type RefusedVersion } from '../../desktop/runtime/database/refusedVersions.ts'
import { getRxStorageNodeSqlite } from '../../desktop/runtime/storage/sqlite/index.ts'
import { createReplicateAll } from '../../desktop/runtime/sync/replicateAll.ts'
import { openWebSocketChannel } from '../../desktop/runtime/sync/webSocketChannel.ts'
import { quietLog } from '../../desktop/runtime/testing/quietLog.ts'
import { waitFor } from './waitFor.ts'

/** A client of the protocol as a computer has one: RxDB on disk and its replication with a server, in this process. */
export interface Replica {
  collections: RuntimeCollections
  client: SyncClient
  refused(): RefusedVersion[]
  /** Waits until everything is out and in. */
  settled(): Promise<void>
  /** Only then another one may be opened: RxDB's free edition has room for the collections of one. */
  stop(): Promise<void>
}

/** @param url of the server, or of a line to it  @param token an owner's session */
export async function openReplica(folder: string, url: string, token: string): Promise<Replica> {
  mkdirSync(folder, { recursive: true })
  const local = openLocalDatabase(folder)
  const storage = getRxStorageNodeSqlite({ databasePath: join(folder, 'documents.sqlite') })
  const database = await openDatabase({ name: `replica-${basename(folder).toLowerCase()}`, storage, local, now: Date.now })
  const refused = openRefusedVersions(local, Date.now)
  const live = new URL('/sync/live', url)
  live.protocol = 'ws:'
  const client = createSyncClient({
    open: () => openWebSocketChannel({ url: live.href, headers: { authorization: `Bearer ${token}` } }),
    hello: {
      ...{ clientKind: 'runtime', clientVersion: '1' },
      schemaVersions: Object.fromEntries(collectionNames.map((name) => [name, collections[name].schemaVersion])),
    },
    ...{ clock: systemClock, random: Math.random, log: quietLog },
  })
  const replications = createReplicateAll({ client, database, local, refused, log: quietLog, onActive: () => undefined })
  client.onState((state) => {
    if (state.name === 'live') void replications.begin(state.hello)
  })
  client.start()
  const settled = () =>
    waitFor('everything out and in', () => client.state().name === 'live' && replications.isSynced() && !replications.anyActive()).then(
      () => undefined,
    )
  await settled()
  let stopping: Promise<void> | null = null
  const stop = async () => {
    client.stop()
    await replications.end()
    await database.close()
    local.close()
  }
  return {
    ...{ collections: database.collections, client, settled },
    refused: () => refused.list(),
    stop: () => (stopping ??= stop()),
  }
}
