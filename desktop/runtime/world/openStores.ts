import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { localDatabasePath, openLocalDatabase, type LocalDatabase } from '../database/localDatabase.ts'
import { openDatabase, type RuntimeDatabase } from '../database/openDatabase.ts'
import { openRepairs, type Repairs } from '../node/repairs.ts'
import type { Stops } from '../stops.ts'
import { healFile } from '../storage/healing/healFile.ts'
import { getRxStorageNodeSqlite } from '../storage/sqlite/index.ts'
import type { WorldOptions } from './openWorld.ts'

export interface WorldStores {
  local: LocalDatabase
  database: RuntimeDatabase
  repairs: Repairs
}

/** Opens the two databases of a world. What is damaged is set aside first, and what can be read of it is used. */
export async function openStores(options: WorldOptions, stops: Stops): Promise<WorldStores> {
  const { world, clock, onDamage, settingsHealed } = options
  const log = options.log.child('storage')
  const documentsPath = join(world.folder, 'documents.sqlite')
  const localPath = localDatabasePath(world.folder)
  const heal = (path: string) => healFile(path, { nowMs: clock.now(), thorough: options.unclean !== null, log })
  const healed = { documents: heal(documentsPath), local: heal(localPath), settings: settingsHealed }
  const local = openLocalDatabase(world.folder, () => onDamage(localPath))
  stops.add(() => local.close())
  const repairs = openRepairs({ local, now: () => clock.now() })
  for (const what of ['settings', 'local', 'documents'] as const) {
    const found = healed[what]
    if (found !== null) repairs.add(what, found)
  }
  const storage = getRxStorageNodeSqlite({ databasePath: documentsPath, onDamage: () => onDamage(documentsPath) })
  const database = await openDatabase({ name: databaseName(world.name), storage, local, now: () => clock.now() })
  stops.add(() => database.close())
  repairs.noteToken(database.token)
  return { local, database, repairs }
}

/** RxDB allows few characters in names. */
const databaseName = (world: string) => `world-${createHash('sha256').update(world).digest('hex').slice(0, 16)}`
