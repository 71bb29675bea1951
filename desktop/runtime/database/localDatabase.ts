import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AppErrorException, appError } from '#shared/errors/appError.ts'
import { watchForDamage } from '#shared/sqlite/watchForDamage.ts'
import { asAppError } from './storeErrors.ts'

/** The tables of one part of the runtime: each entry is run once, in order, and never changed after it was released. */
interface Migrations {
  /** Names the part, e.g. `stagedScenes`. */
  feature: string
  steps: readonly string[]
}

/**
 * What this computer keeps for itself and never replicates: `local.sqlite`, WAL, synchronous=FULL: what was acknowledged is on disk.
 * Held with an exclusive lock: one data folder, one owner.
 */
export interface LocalDatabase {
  /** For prepared statements; synchronous, so keep what you do short. */
  sql: DatabaseSync
  /** Brings the tables of a part up to date. Call it before using them. */
  migrate(migrations: Migrations): void
  transaction<T>(work: () => T): T
  /** A small value kept by name. */
  readFact(key: string): string | null
  writeFact(key: string, value: string): void
  close(): void
}

const own: Migrations = { feature: 'local', steps: ['CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID'] }

export const localDatabasePath = (folder: string): string => join(folder, 'local.sqlite')

/**
 * Throws AppErrorException DATA_FOLDER_IN_USE, DATA_FOLDER_READ_ONLY, STORE_CORRUPT or DISK_FULL.
 * @param onDamage told whenever a statement finds the file damaged; it must not be trusted any more
 */
export function openLocalDatabase(folder: string, onDamage: () => void = () => undefined): LocalDatabase {
  const path = localDatabasePath(folder)
  const sql = open(folder, path)
  watchForDamage(sql, onDamage)
  const transaction = <T>(work: () => T): T => {
    sql.exec('BEGIN IMMEDIATE')
    try {
      const value = work()
      sql.exec('COMMIT')
      return value
    } catch (thrown) {
      if (sql.isTransaction) sql.exec('ROLLBACK')
      throw asAppError(thrown, path)
    }
  }
  function migrate({ feature, steps }: Migrations): void {
    const row = sql.prepare('SELECT version FROM features WHERE feature = ?').get(feature)
    const done = Number(row?.['version'] ?? 0)
    // A newer program was here: its columns are kept, and it promised that N-1 can work with them.
    if (done >= steps.length) return
    transaction(() => {
      for (const step of steps.slice(done)) sql.exec(step)
      sql.prepare('INSERT OR REPLACE INTO features (feature, version) VALUES (?, ?)').run(feature, steps.length)
    })
  }
  migrate(own)
  const read = sql.prepare('SELECT value FROM facts WHERE key = ?')
  const write = sql.prepare('INSERT OR REPLACE INTO facts (key, value) VALUES (?, ?)')
  return {
    sql,
    migrate,
    transaction,
    readFact: (key) => (read.get(key)?.['value'] as string | undefined) ?? null,
    writeFact: (key, value) => void write.run(key, value),
    close: () => {
      if (sql.isOpen) sql.close()
    },
  }
}

function open(folder: string, path: string): DatabaseSync {
  let sql: DatabaseSync | null = null
  try {
    mkdirSync(folder, { recursive: true })
    sql = new DatabaseSync(path, { timeout: 1_000 })
    sql.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA fullfsync = 1;
      PRAGMA foreign_keys = ON;
      CREATE TABLE IF NOT EXISTS features (feature TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;
    `)
    // Takes the lock now, not at the first write.
    sql.exec('BEGIN EXCLUSIVE; COMMIT')
    const check = sql.prepare('PRAGMA quick_check(1)').get()
    if (check?.['quick_check'] !== 'ok') throw new AppErrorException(appError('STORE_CORRUPT', { path }))
    return sql
  } catch (thrown) {
    sql?.close()
    if (thrown instanceof Error && 'code' in thrown && (thrown.code === 'EACCES' || thrown.code === 'EROFS' || thrown.code === 'EPERM'))
      throw new AppErrorException(appError('DATA_FOLDER_READ_ONLY', { path: folder }), { cause: thrown })
    const error = asAppError(thrown, path)
    if (error instanceof AppErrorException && error.error.code !== 'STORE_CORRUPT')
      throw new AppErrorException(appError(error.error.code, { ...error.error.details, path: folder }), { cause: thrown })
    throw error
  }
}
