import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory'
import type { RxStorage } from 'rxdb'
import { randomBytes, randomUUID } from 'node:crypto'
import type { ServerTimeSample } from '#shared/sync/connection.ts'
import { askServer } from '../config/askServer.ts'
import { openLocalDatabase } from '../database/localDatabase.ts'
import { openDatabase } from '../database/openDatabase.ts'
import { openRefusedVersions } from '../database/refusedVersions.ts'
import { createUplink } from '../sync/uplink.ts'
import { systemClock } from '../systemClock.ts'
import { quietLog } from './quietLog.ts'

export interface RuntimePartsOptions {
  serverUrl: string
  ownerToken?: string | null
  folder?: string
  storage?: RxStorage<object, object>
  nodeId?: string
}

/** Database and uplink of a runtime, over a temporary folder unless one is given. */
export async function startRuntimeParts({ serverUrl, ownerToken = null, folder, storage, nodeId = 'node-1' }: RuntimePartsOptions) {
  const ownFolder = folder ?? mkdtempSync(join(tmpdir(), 'pictor-runtime-'))
  const local = openLocalDatabase(ownFolder)
  const database = await openDatabase({
    // RxDB's memory storages share what they hold by name.
    name: storage === undefined ? `world-${randomBytes(6).toString('hex')}` : 'world',
    storage: storage ?? getRxStorageMemory(),
    local,
    now: Date.now,
  })
  const refused = openRefusedVersions(local, Date.now)
  const samples: ServerTimeSample[] = []
  const uplink = createUplink({
    identity: { nodeId, serverId: 'server-1', serverUrl, sign: () => 'signature' },
    instanceId: randomUUID(),
    ownerToken: () => ownerToken,
    ask: askServer,
    clock: systemClock,
    database,
    local,
    refused,
    appVersion: '1',
    random: Math.random,
    log: quietLog,
    onServerTime: (sample) => samples.push(sample),
  })
  await uplink.start()
  return {
    ...{ uplink, database, local, refused, samples, folder: ownFolder },
    async stop() {
      await uplink.stop()
      await database.close()
      local.close()
      if (folder === undefined) rmSync(ownFolder, { recursive: true, force: true })
    },
  }
}
export type RuntimeParts = Awaited<ReturnType<typeof startRuntimeParts>>
