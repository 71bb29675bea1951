import { randomBytes } from 'node:crypto'
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { Logger } from '#shared/log.ts'
import { watchForDamage } from '#shared/sqlite/watchForDamage.ts'
import { createTables, projectionVersion } from './tables.ts'
import { createProjectionStore } from './projectionStore.ts'
import type { ProjectionStore } from './projection.ts'

export interface ProjectionOptions {
  path: string
  /** Which store it mirrors (a random id kept in that store): the file of another store is thrown away. */
  storeId: string
  log: Logger
  /** Server time in milliseconds. */
  now: () => number
  /** So many more documents were read to build it. */
  onBuilding?: ((documents: number) => void) | undefined
  /** Damage was met in it, for the first time: whoever uses it has to close it. The next time it is opened it is built anew. */
  onDamaged?: (() => void) | undefined
  /** A larger file is not looked through: reading gigabytes takes minutes. In it damage shows when somebody meets it. Default 64 MiB. */
  lookedThroughBytes?: number
}

const defaultLookedThroughBytes = 64 * 1024 * 1024

/** Opens the file, or makes a new one where it is missing, damaged, of another store or of another version: it can always be rebuilt. */
export function openProjection(options: ProjectionOptions): ProjectionStore {
  try {
    const database = open(options)
    if (database !== null) return use(database, options)
    options.log.info('the projection is of another store or version and is built anew')
  } catch (thrown) {
    options.log.warn('the projection could not be opened and is built anew', { reason: String(thrown) })
  }
  deleteProjection(options.path)
  const fresh = open(options)
  if (fresh === null) throw new Error('a new projection is not what was asked for')
  return use(fresh, options)
}

function use(database: DatabaseSync, { path, log, now, onBuilding, onDamaged }: ProjectionOptions): ProjectionStore {
  watchForDamage(database, (thrown) => {
    log.error('damage was met in the projection, which is built anew at the next start', { reason: String(thrown) })
    writeFileSync(damageMark(path), '')
    onDamaged?.()
  })
  return createProjectionStore(database, now, onBuilding)
}

/** Beside the file, since nothing more should be written into it. */
const damageMark = (path: string) => `${path}.damaged`

function deleteProjection(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '.damaged']) rmSync(`${path}${suffix}`, { force: true })
}

/** Before anybody meets a damaged page. */
function lookThrough(database: DatabaseSync): void {
  const found = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check']
  if (found !== 'ok') throw new Error(`the file is damaged: ${String(found)}`)
}

function open({ path, storeId, lookedThroughBytes = defaultLookedThroughBytes }: ProjectionOptions): DatabaseSync | null {
  if (existsSync(damageMark(path))) throw new Error('damage was met in it')
  const database = new DatabaseSync(path)
  try {
    // It can be rebuilt, so a power cut may cost its last moments (NORMAL): the feed position goes back with them.
    database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 8000; PRAGMA cache_size = -32000; PRAGMA temp_store = MEMORY',
    )
    createTables(database)
    const wanted = `${projectionVersion}:${storeId}`
    database.prepare('INSERT INTO meta VALUES (?, ?) ON CONFLICT DO NOTHING').run('of', wanted)
    // After an unclean end the last changes may be gone while clients hold their ordinals: those must then mean nothing. Synced, because
    // a power cut that brought the mark back would let them pass for those of this log.
    database.exec('PRAGMA synchronous = FULL')
    const wasClean = database.prepare("DELETE FROM meta WHERE name = 'clean'").run().changes > 0
    if (!wasClean)
      database
        .prepare("INSERT INTO meta VALUES ('log', ?) ON CONFLICT DO UPDATE SET value = excluded.value")
        .run(randomBytes(9).toString('base64url'))
    database.exec('PRAGMA synchronous = NORMAL')
    if (statSync(path).size <= lookedThroughBytes) lookThrough(database)
    if (database.prepare("SELECT value FROM meta WHERE name = 'of'").get()?.['value'] === wanted) return database
    database.close()
    return null
  } catch (thrown) {
    if (database.isOpen) database.close()
    throw thrown
  }
}
